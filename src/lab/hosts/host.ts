import type { TcpcloseError } from '../../errors.ts';
import type { Output, Place } from '../../observe/place.ts';
import { peerProgram } from '../../package.ts';
import { runProgram } from './run-program.ts';

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

  /** Why nothing can run there any more; null as long as it can. */
  get gone(): TcpcloseError | null {
    return null;
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

  run(command: readonly string[], signal?: AbortSignal): Promise<Output> {
    return runProgram(this.wrap(command), signal);
  }
}

export const thisMachine = new Host('this machine', [], '/proc/net');
