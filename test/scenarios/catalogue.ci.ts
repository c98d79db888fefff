import { brief, quick } from '../support/catalogue.ts';
import { describeCatalogue } from '../support/whole-catalogue.ts';

describeCatalogue(
  'a scenario that takes 5 s or more comes out as expected on 127.0.0.1',
  quick.filter((loaded) => !brief.includes(loaded)),
);
