import { readdirSync } from 'node:fs';
import { parse } from 'node:path';
import { expect, test } from 'vitest';
import { methods } from '../../src/peer/methods.ts';

test('every method of the modules can be called by its own name, and no two share one', async () => {
  const files = readdirSync(new URL('../../src/peer/commands/', import.meta.url));
  const modules: object[] = await Promise.all(
    files.map((file) => import(`../../src/peer/commands/${parse(file).name}.ts`)),
  );
  const exported = modules.flatMap((module) => Object.entries(module));
  expect(exported.map(([name]) => name).sort()).toEqual(Object.keys(methods).sort());
  for (const [name, method] of exported) expect(methods[name as keyof typeof methods]).toBe(method);
});
