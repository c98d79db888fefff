import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { packagePath } from '../../src/package.ts';

/** The GitHub Action of the package. */
export const action = parse(readFileSync(packagePath('action.yml'), 'utf8'));

/** Runs the script of the action in a folder as a runner does: its step's environment, with the inputs in their places. */
export function runAction(folder: string, inputs: Readonly<Record<string, string>>) {
  const step = action.runs.steps.find(({ id }: { id?: string }) => id === 'run');
  const runner = mkdtempSync(join(folder, 'runner-'));
  const [output, summary] = [join(runner, 'output'), join(runner, 'summary')];
  const given = (text: string) =>
    text.replaceAll(/\$\{\{ inputs\.([\w-]+) \}\}/g, (_, name: string) => {
      if (!(name in action.inputs)) throw new Error(`the action has no input ${name}`);
      return inputs[name] ?? action.inputs[name].default;
    });
  const env = Object.fromEntries(
    Object.entries(step.env as Record<string, string>).map(([name, text]) => [name, given(text)]),
  );
  const { status, stdout, stderr } = spawnSync(step.shell, ['-e', '-c', step.run], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      ...process.env,
      ...env,
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      GITHUB_ACTION_PATH: packagePath('.'),
      GITHUB_OUTPUT: output,
      GITHUB_STEP_SUMMARY: summary,
      RUNNER_TEMP: runner,
    },
  });
  const outputs: Record<string, string> = Object.fromEntries(
    readFileSync(output, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/=(.*)/).slice(0, 2)),
  );
  return {
    ...{ status, stdout, stderr, outputs },
    summary: existsSync(summary) ? readFileSync(summary, 'utf8') : '',
  };
}
