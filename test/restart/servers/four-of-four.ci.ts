import { compareKinds } from './compare.ts';

compareKinds(3, 4);
