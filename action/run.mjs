// What the GitHub Action runs: tcpclose with annotations and a step summary, and its reports in files. It needs Node alone.
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const own = fileURLToPath(new URL('..', import.meta.url));
const {
  TCPCLOSE_COMMAND: command = 'test',
  TCPCLOSE_SERVER: server = '',
  TCPCLOSE_ARGS: args = '',
  TCPCLOSE_VERSION: version = '',
  GITHUB_OUTPUT: output = '',
  RUNNER_TEMP: temporary = tmpdir(),
} = process.env;

const commands = ['test', 'restart', 'audit'];
if (!commands.includes(command)) {
  fail(`command is "${command}": choose one of ${commands.join(', ')}`);
} else if ((command === 'restart') !== (server !== '')) {
  fail(
    command === 'restart'
      ? 'server is missing: give the command that starts it, such as "node server.js"'
      : `server is for restart alone: leave it out with ${command}`,
  );
} else {
  run();
}

function run() {
  const folder = mkdtempSync(join(temporary, 'tcpclose-'));
  const [junit, json] = [join(folder, 'junit.xml'), join(folder, `${command}.json`)];
  const [program, ...before] = tcpclose();
  const { status, signal, error } = spawnSync(
    program,
    [
      ...[...before, command, '--reporter', 'github', '--reporter', `junit:${junit}`],
      ...['--reporter', `json:${json}`, ...words(args)],
      ...(server === '' ? [] : ['--', 'bash', '-c', server]),
    ],
    { stdio: 'inherit' },
  );
  if (error !== undefined) {
    const { [error.code]: remedy = 'look at the limits of the runner' } = {
      ENOENT: 'install Node 20 with npm on the runner',
      EACCES: 'make it executable, or install tcpclose again',
    };
    fail(`${program} cannot be started (${error.code}): ${remedy}`);
    return;
  }
  process.exitCode = status ?? 128 + constants.signals[signal];
  tell({ status: process.exitCode, junit: there(junit), json: there(json) });
}

/** That of the project, of this action's own folder if it is built, or of the registry. */
function tcpclose() {
  const installed = join('node_modules', '.bin', 'tcpclose');
  const built = join(own, 'dist', 'tcpclose.cjs');
  if (version === '' && existsSync(installed)) return [installed];
  if (version === '' && existsSync(built)) return [process.execPath, built];
  const wanted = version || JSON.parse(readFileSync(join(own, 'package.json'), 'utf8')).version;
  return ['npx', '--yes', `tcpclose@${wanted}`];
}

/** Of each line the option and its value, which may have blanks; a line without an option is one word. */
function words(text) {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .flatMap((line) => {
      const [, option, value] = /^(--?[a-z][\w-]*)\s+(.+)$/.exec(line) ?? [];
      return option === undefined ? [line] : [option, value];
    });
}

function there(file) {
  return existsSync(file) ? file : '';
}

function tell(outputs) {
  if (output === '') return;
  const lines = Object.entries(outputs).map(([name, value]) => `${name}=${value}\n`);
  appendFileSync(output, lines.join(''));
}

function fail(why) {
  const escaped = why.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  process.stdout.write(`::error title=tcpclose::${escaped}\n`);
  process.exitCode = 2;
  tell({ status: 2, junit: '', json: '' });
}
