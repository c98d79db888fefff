import { compareKinds } from './compare.ts';

compareKinds(2, 4);
