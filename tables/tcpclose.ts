import { pathToFileURL } from 'node:url';
import type * as Api from '../src/index.ts';

/** The package as users get it: `npm run build` makes it. */
const api: typeof Api = await import(pathToFileURL('dist/index.js').href);

export const { idle, restart } = api;
