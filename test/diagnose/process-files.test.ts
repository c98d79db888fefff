import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { factsOf } from '../../src/diagnose/process-facts.ts';
import { parseScriptOutput, readProcessTable } from '../../src/diagnose/process-files.ts';
import { harmless } from '../../src/foreign.ts';
import { Host, thisMachine } from '../../src/lab/hosts/host.ts';

const elsewhere = new Host('elsewhere', [], undefined);

test('the facts of a process are the same by files and by a shell behind a launcher', async () => {
  const strange = ['-c', 'read x # 1 2', '= 3\n4 stat 5', '', '\u001b[31m'];
  const child = spawn('sh', strange, { stdio: ['pipe', 'ignore', 'ignore'] });
  await once(child, 'spawn');
  const pid = child.pid ?? 0;
  const [here, there] = [
    await readProcessTable(thisMachine, [pid]),
    await readProcessTable(elsewhere, [pid]),
  ];
  const facts = factsOf(pid, harmless('sh'), here);
  expect(factsOf(pid, harmless('sh'), there)).toEqual(facts);
  expect(facts.parents.map((parent) => parent.pid)).toContain(process.pid);
  expect(facts.command).toBe("sh -c read x # 1 2 = 3\\n4 stat 5 '' \\x1b[31m");
  expect(Math.abs(Date.parse(facts.since ?? '') - Date.now())).toBeLessThan(60_000);
  child.stdin?.end();
});

test('a process that has ended has but its name', async () => {
  const table = await readProcessTable(thisMachine, [2 ** 22]);
  expect(factsOf(2 ** 22, harmless('gone'), table)).toEqual({
    pid: 2 ** 22,
    command: 'gone',
    user: null,
    uid: null,
    condition: 'runs',
    onTerminate: null,
    since: null,
    startTicks: null,
    parents: [],
    origins: [],
  });
});

test('what is not a line of the script is passed over', () => {
  expect(parseScriptOutput('Last login: today\n12 stat 12 (a b) S 1\nnoise').byPid.get(12)?.stat).toBe(
    '12 (a b) S 1',
  );
});
