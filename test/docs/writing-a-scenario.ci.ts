import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { whyUnmet } from '../../src/scenario/needs.ts';
import { blocks } from '../support/guide.ts';
import { tcpclose } from '../support/program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const withoutNamespace = await whyUnmet('namespace');
const folder = temporaryFolder('guide');

test.for(blocks.map((code, i) => ({ code, step: i + 1 })))(
  'step $step fails without its stimulus',
  async ({ code, step }, context) => {
    if (code.includes("needs: ['namespace']") && withoutNamespace !== null)
      return context.skip(withoutNamespace);
    const control = /control: '([^']+)'/.exec(code)?.[1] ?? '';
    const file = join(folder, `step${step}.ts`);
    writeFileSync(file, code);
    const { status } = await tcpclose(['demo', file, '--without', control]);
    expect(status).toBe(1);
  },
);
