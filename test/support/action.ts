import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { packagePath } from '../../src/package.ts';

/** The GitHub Action of the package. */
export const action = parse(readFileSync(packagePath('action.yml'), 'utf8'));

interface Step {
  readonly id?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly run?: string;
  readonly shell?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly 'working-directory'?: string;
}

const steps = action.runs.steps as readonly Step[];

/** A runner keeps the actions of others here, each in `<owner>/<name>/<version>`. */
const downloaded =
  process.env['RUNNER_ACTIONS'] ?? join(process.env['RUNNER_WORKSPACE'] ?? '/', '../_actions');

/** Why the steps of others cannot be run here; null if they can. */
export function whyNoSetUp(): string | null {
  if (process.versions.node.split('.')[0] !== '20') return `this is Node ${process.versions.node}, not 20`;
  const [missing] = steps.flatMap(({ uses }) => (uses && !existsSync(folderOf(uses)) ? uses : []));
  return missing === undefined
    ? null
    : `${missing} is not in ${downloaded}: give RUNNER_ACTIONS=<folder of a runner's _actions>`;
}

const folderOf = (uses: string) => join(downloaded, uses.replace('@', '/'));

/** Runs the steps of the action in a workspace as a runner does: with their environment, the inputs in their places. */
export function runAction(
  workspace: string,
  inputs: Readonly<Record<string, string>>,
  which: 'all steps' | 'own steps' = 'own steps',
) {
  const runner = mkdtempSync(join(workspace, 'runner-'));
  const file = (name: string) => {
    const path = join(runner, name);
    writeFileSync(path, '', { flag: 'a' });
    return path;
  };
  const results: Record<string, Record<string, string>> = {};
  const given = (text: string) =>
    text.replaceAll(/\$\{\{ ([\w.-]+) \}\}/g, (_, name: string) => {
      const [context, key = '', , output = ''] = name.split('.');
      if (context === 'steps') return results[key]?.[output] ?? '';
      if (context !== 'inputs' || !(key in action.inputs)) throw new Error(`the action has no ${name}`);
      return inputs[key] ?? action.inputs[key].default;
    });
  let path = process.env['PATH'] ?? '';
  const done = { status: 0 as number | null, stdout: '', stderr: '' };
  for (const [number, step] of steps.entries()) {
    if (step.uses !== undefined && which === 'own steps') continue;
    const env = {
      ...process.env,
      ...{ CI: 'true', GITHUB_ACTIONS: 'true', PATH: path, GITHUB_WORKSPACE: workspace },
      ...{ GITHUB_ACTION_PATH: packagePath('.'), RUNNER_TEMP: runner, RUNNER_TOOL_CACHE: toolCache(runner) },
      ...{ GITHUB_OUTPUT: file(`output-${number}`), GITHUB_PATH: file('path'), GITHUB_ENV: file('env') },
      ...{ GITHUB_STATE: file(`state-${number}`), GITHUB_STEP_SUMMARY: file('summary') },
    };
    const { status, stdout, stderr } =
      step.uses === undefined
        ? runScript(step, given, join(runner, `${number}.sh`), workspace, env)
        : runForeign(step.uses, step.with ?? {}, env);
    done.status = status;
    done.stdout += stdout;
    done.stderr += stderr;
    path = [...linesOf(env.GITHUB_PATH).reverse(), process.env['PATH']].join(delimiter);
    if (step.id !== undefined) {
      results[step.id] = Object.fromEntries(
        linesOf(env.GITHUB_OUTPUT).map((line) => line.split(/=(.*)/).slice(0, 2)),
      );
    }
    if (status !== 0) break;
  }
  const outputs = Object.entries(action.outputs as Record<string, { readonly value: string }>).map(
    ([name, { value }]) => [name, given(value)],
  );
  return {
    ...{ ...done, path },
    outputs: Object.fromEntries(outputs) as Record<string, string>,
    summary: readFileSync(file('summary'), 'utf8'),
  };
}

/** As GitHub documents `shell: bash`: a file, with the options that make any failure count. */
function runScript(
  step: Step,
  given: (text: string) => string,
  script: string,
  workspace: string,
  env: NodeJS.ProcessEnv,
) {
  if (step.shell !== 'bash') throw new Error(`how a runner calls the shell ${step.shell} is not known here`);
  writeFileSync(script, step.run ?? '');
  const own = Object.entries(step.env ?? {}).map(([name, text]) => [name, given(text)]);
  return spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', script], {
    cwd: resolve(workspace, given(step['working-directory'] ?? '.')),
    encoding: 'utf8',
    env: { ...env, ...Object.fromEntries(own) },
  });
}

/** The program of somebody else's action, with its inputs in the environment. What it takes by default from GitHub is empty. */
function runForeign(uses: string, given: Readonly<Record<string, unknown>>, env: NodeJS.ProcessEnv) {
  const folder = folderOf(uses);
  const { inputs, runs } = parse(readFileSync(join(folder, 'action.yml'), 'utf8'));
  const values = Object.entries(inputs as Record<string, { readonly default?: unknown }>).map(
    ([name, input]) => {
      const value = String(given[name] ?? input.default ?? '');
      return [`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`, value.includes('${{') ? '' : value];
    },
  );
  return spawnSync(process.execPath, [join(folder, runs.main)], {
    encoding: 'utf8',
    env: { ...env, ...Object.fromEntries(values) },
  });
}

/** This Node, where a runner has those that it brings along. */
function toolCache(runner: string): string {
  const cache = join(runner, 'tools');
  const version = join(cache, 'node', process.versions.node);
  if (existsSync(version)) return cache;
  mkdirSync(join(version, process.arch, 'bin'), { recursive: true });
  const { status, stdout } = spawnSync('sh', ['-c', 'command -v npm npx'], { encoding: 'utf8' });
  const programs = status === 0 ? stdout.trim().split('\n') : [];
  for (const program of [process.execPath, ...programs])
    symlinkSync(program, join(version, process.arch, 'bin', program.slice(dirname(program).length + 1)));
  writeFileSync(join(version, `${process.arch}.complete`), '');
  return cache;
}

function linesOf(file: string): string[] {
  return readFileSync(file, 'utf8').split('\n').filter(Boolean);
}
