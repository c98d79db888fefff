import { spawn } from 'node:child_process';
import type { Output, Place } from '../observe/place.ts';
import { peerProgram } from '../package.ts';
import { withSystemPaths } from './paths.ts';

/** How a peer is started. */
export interface PeerStart {
  readonly command: readonly string[];
  /** What is written to its standard input before anything else. */
  readonly input: Buffer | undefined;
}

/** Where programs run: this machine, or whatever the prefix enters. */
export class Host implements Place {
  readonly name: string;
  /** Put before every command, such as `nsenter --net=...` or `ssh box`; nothing for this machine. */
  readonly prefix: readonly string[];
  readonly procNet: string | undefined;
  constructor(name: string, prefix: readonly string[], procNet: string | undefined) {
    this.name = name;
    this.prefix = prefix;
    this.procNet = procNet;
  }

  get peerStart(): PeerStart {
    return { command: [process.execPath, peerProgram], input: undefined };
  }

  /** The command as it is started on this machine. */
  wrap(command: readonly string[]): readonly [string, ...string[]] {
    const [program, ...args] = [...this.prefix, ...command];
    if (program === undefined) throw new TypeError('a command has at least one word');
    return [program, ...args];
  }

  /** In a session of its own: Ctrl-C reaches tcpclose alone, and what is left if tcpclose is killed ends by itself. */
  run(command: readonly string[], signal?: AbortSignal): Promise<Output> {
    const [program, ...args] = this.wrap(command);
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: withSystemPaths(),
      detached: true,
      ...(signal === undefined ? {} : { signal }),
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    return new Promise((resolve, reject) => {
      child.once('error', () => {
        if (signal?.aborted) reject(signal.reason);
        else resolve({ stdout, stderr, exitCode: -1 });
      });
      child.once('close', (status) => resolve({ stdout, stderr, exitCode: status ?? -1 }));
    });
  }
}

export const thisMachine = new Host('this machine', [], '/proc/net');
