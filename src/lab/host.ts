import type { Output, Place } from '../observe/place.ts';

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

  /** The command as it is started on this machine. */
  wrap(command: readonly string[]): readonly [string, ...string[]] {
    const [program, ...args] = [...this.prefix, ...command];
    if (program === undefined) throw new TypeError('a command has at least one word');
    return [program, ...args];
  }

  async run(command: readonly string[], signal?: AbortSignal): Promise<Output> {
    const { execa } = await import('execa');
    const [program, ...args] = this.wrap(command);
    const result = await execa(program, args, {
      reject: false,
      stdin: 'ignore',
      env: { LC_ALL: 'C', PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
      stripFinalNewline: false,
      ...(signal === undefined ? {} : { cancelSignal: signal }),
    });
    if (result.isCanceled) throw signal?.reason;
    return { stdout: result.stdout, stderr: result.stderr, exitCode: result.exitCode ?? -1 };
  }
}

export const thisMachine = new Host('this machine', [], '/proc/net');
