import { get } from 'node:http';
import { executableOf } from '../observe/proc/status.ts';
import { commandLineOf } from '../observe/processes.ts';
import type { Row } from '../observe/row.ts';
import { textOf } from '../proc-files.ts';
import type { UnixListener } from './listening.ts';
import { reachable, unixPath } from './target.ts';

/** The purpose of a listener: the server's own, or that of a tool, by its name. */
export type Purpose = { readonly of: 'server' } | { readonly of: 'tool'; readonly tool: string };

interface Channel {
  readonly tool: string;
  /** The path of the Unix socket. */
  readonly path: RegExp;
  /** A pattern for the command line of the process that listens. */
  readonly program: RegExp;
}

/** Unix sockets that tools open for themselves. */
const channels: readonly Channel[] = [
  { tool: 'tsx', path: /\/tsx-\d+\/\d+\.pipe$/, program: /tsx/ },
  { tool: 'pm2', path: /\/(rpc|pub|interactor)\.sock$/, program: /pm2/i },
  { tool: 'supervisord', path: /\.sock$/, program: /supervisord/ },
  { tool: 'nx', path: /\/d\.sock$/, program: /\bnx\b/ },
  { tool: 'podman', path: /\/attach$/, program: /^(?:\S*\/)?conmon / },
  { tool: 'the control server of puma', path: /pumactl/, program: /puma/ },
];

export function purposeOfPath({ name, processes }: UnixListener): Purpose {
  const path = unixPath(name);
  const lines = processes.map(({ pid }) => commandLineOf(pid));
  const channel = channels.find((one) => one.path.test(path) && lines.some((line) => one.program.test(line)));
  return channel === undefined ? { of: 'server' } : { of: 'tool', tool: channel.tool };
}

/** Debuggers whose command line contains where they listen: `(?<port>)`. */
const debuggers: readonly { readonly tool: string; readonly argument: RegExp }[] = [
  { tool: 'the debugger of Java', argument: /jdwp\S*address=(?:[^\s,]*:)?(?<port>\d+)/ },
  { tool: 'the debugger of Python', argument: /debugpy.* --listen (?:\S*:)?(?<port>\d+)/ },
  { tool: 'the debugger Delve', argument: /\bdlv\b.* (?:--listen|-l)[= ](?:\S*:)?(?<port>\d+)/ },
];

/** Distinguishes Node's debuggers from servers. Each listener is asked only once. */
export class Debuggers {
  readonly #asked = new Map<number, Promise<boolean>>();

  /** @param ask whether to ask a listener of Node by the inspector's protocol in any case, or only if its process has opened one */
  async purposeOf(row: Row, ask: 'always' | 'if opened'): Promise<Purpose> {
    const { processes, local, inode } = row;
    for (const { pid } of processes) {
      const line = commandLineOf(pid);
      const found = debuggers.find(
        ({ argument }) => Number(argument.exec(line)?.groups?.['port']) === local.port,
      );
      if (found !== undefined) return { of: 'tool', tool: found.tool };
      if (inode === null || !runsJavaScript(pid) || !(ask === 'always' || isTold(pid, line))) continue;
      const answer = this.#asked.get(inode) ?? isInspector(reachable(local), local.port);
      this.#asked.set(inode, answer);
      if (await answer) return { of: 'tool', tool: 'the debugger of Node' };
    }
    return { of: 'server' };
  }
}

function runsJavaScript(pid: number): boolean {
  return /\/(node|nodejs|deno|bun)[^/]*$/.test(executableOf(pid) ?? '');
}

// Whether --inspect is among its arguments, or in NODE_OPTIONS.
function isTold(pid: number, commandLine: string): boolean {
  return commandLine.includes('--inspect') || textOf(`/proc/${pid}/environ`).includes('--inspect');
}

const answerDeadlineMs = 2000;
const longestAnswer = 4096;

// Node's inspector has the protocol of Chrome's debugger: GET /json/version returns a browser and the version of the protocol.
function isInspector(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ host, port, path: '/json/version', agent: false, timeout: answerDeadlineMs });
    const end = (answer: boolean) => {
      request.destroy();
      resolve(answer);
    };
    const late = setTimeout(() => end(false), answerDeadlineMs);
    request.once('close', () => clearTimeout(late));
    request.once('error', () => end(false)).once('timeout', () => end(false));
    request.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
        if (text.length > longestAnswer) end(false);
      });
      response.once('end', () => end(/"Browser":.*"Protocol-Version":/s.test(text)));
      response.once('error', () => end(false));
    });
  });
}
