import { readFileSync } from 'node:fs';

const guide = readFileSync(new URL('../../docs/writing-a-scenario.md', import.meta.url), 'utf8');

/** The steps of docs/writing-a-scenario.md: each is a whole scenario. */
export const blocks = [...guide.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');
