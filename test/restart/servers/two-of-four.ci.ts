import { compareKinds } from './compare.ts';

compareKinds(1, 4);
