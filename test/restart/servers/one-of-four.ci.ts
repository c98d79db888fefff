import { compareKinds } from './compare.ts';

compareKinds(0, 4);
