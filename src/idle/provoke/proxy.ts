import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { UsageError } from '../../errors.ts';
import { withSystemPaths } from '../../lab/hosts/environment.ts';
import { splitWords } from '../../lab/hosts/launcher.ts';
import { serverPorts } from '../../lab/hosts/ports.ts';
import type { ServerOptions } from '../../restart/server-options.ts';
import { type CommandOptions, withServer } from '../command.ts';

/** What a configuration may refer to: where to send requests, where to listen, and a folder of its own. */
const placeholders = ['upstream', 'listen', 'folder'] as const;
type Values = Readonly<Record<(typeof placeholders)[number], string>>;

/** For `--through nginx` and `--through haproxy`. */
const usual: Readonly<Record<string, { readonly file: string; readonly words: readonly string[] }>> = {
  nginx: {
    words: ['nginx', '-e', 'stderr', '-p', '{folder}', '-c', '{file}'],
    file: `daemon off; master_process off; pid {folder}/nginx.pid; error_log stderr warn;
events {}
http {
  access_log off;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};
  upstream server { server {upstream}; keepalive 64; }
  server { listen {listen}; location / { proxy_pass http://server; proxy_http_version 1.1; proxy_set_header Connection ""; } }
}
`,
  },
  haproxy: {
    words: ['haproxy', '-db', '-f', '{file}'],
    file: `defaults
  mode http
  timeout connect 5s
  timeout client 5m
  timeout server 5m
frontend front
  bind {listen}
  default_backend back
backend back
  http-reuse always
  server server {upstream}
`,
  },
};

/**
 * The words of --through, parsed.
 * @throws UsageError
 */
export function parseProxy(text: string): readonly string[] {
  const words = splitWords(text);
  if (words.length === 0)
    throw new UsageError(
      'bad-proxy',
      `"${text}" names no proxy: give nginx, haproxy, or a command such as 'nginx -c my.conf'`,
    );
  if (words.length === 1 && usual[basename(words[0] ?? '')] === undefined)
    throw new UsageError(
      'bad-proxy',
      `"${text}" has no configuration: give one with {upstream} and {listen} in it, such as '${words[0]} -f my.conf'`,
    );
  return words;
}

/** Starts a proxy in front of a port, and ends it. */
export async function withProxy<Value>(
  words: readonly string[],
  upstreamPort: number,
  options: Pick<CommandOptions<Value>, 'signal' | 'progress'>,
  use: (port: number) => Promise<Value>,
): Promise<Value> {
  const folder = mkdtempSync(join(tmpdir(), 'tcpclose-proxy-'));
  const [port = 0] = serverPorts(1);
  const values: Values = { upstream: `127.0.0.1:${upstreamPort}`, listen: `127.0.0.1:${port}`, folder };
  try {
    const server: ServerOptions = {
      command: {
        words: commandOf(words, values),
        folder: process.cwd(),
        environment: {
          ...environmentOf(withSystemPaths()),
          TCPCLOSE_UPSTREAM: values.upstream,
          TCPCLOSE_LISTEN: values.listen,
        },
        ready: undefined,
      },
      wanted: { kind: 'port', port },
      ...{ pidFile: undefined, readyPath: undefined, timeoutMs: startMs },
    };
    return await withServer({ ...server, ...options, endsOf: () => [] }, () => use(port));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const startMs = 20_000;
const longestFile = 1024 * 1024;

function commandOf(words: readonly string[], values: Values): string[] {
  const [program = ''] = words;
  const known = words.length === 1 ? usual[basename(program)] : undefined;
  if (known !== undefined) {
    const file = join(values.folder, 'proxy.conf');
    writeFileSync(file, filled(known.file, values));
    return [program, ...known.words.slice(1).map((word) => filled(word.replace('{file}', file), values))];
  }
  const replaced = words.map((word, i) => withOwnFile(filled(word, values), i, values));
  if (replaced.every((word, i) => word === words[i]))
    throw new UsageError(
      'bad-proxy',
      '--through: neither the command nor a file that it names has {upstream} and {listen}: write them in place of the addresses of the server and the proxy',
    );
  return replaced;
}

/** Copies a file with placeholders, and fills in the values of this run. */
function withOwnFile(word: string, i: number, values: Values): string {
  const stats = i === 0 ? undefined : statSync(word, { throwIfNoEntry: false });
  if (stats === undefined || !stats.isFile() || stats.size > longestFile) return word;
  const text = readFileSync(word, 'utf8');
  const own = filled(text, values);
  if (own === text) return word;
  const file = join(values.folder, `${i}-${basename(word)}`);
  writeFileSync(file, own);
  return file;
}

function filled(text: string, values: Values): string {
  return placeholders.reduce((text, name) => text.replaceAll(`{${name}}`, values[name]), text);
}

function environmentOf(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
