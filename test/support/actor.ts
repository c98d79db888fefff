import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

// Each line is a program, in JSON; what it assigns to r is its answer.
const interpreter = `
import json, os, socket, sys, time
names = {'socket': socket, 'os': os, 'time': time}
for line in sys.stdin:
    names['r'] = None
    try:
        exec(json.loads(line), names)
        print(json.dumps({'r': names['r']}), flush=True)
    except Exception as error:
        print(json.dumps({'error': repr(error)}), flush=True)
`;

/** A Python process whose sockets do exactly what a test says, and nothing else. */
export class Actor {
  readonly child: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  /** `prefix` is put before the command, such as nsenter; `name` is its last argument. */
  constructor(prefix: readonly string[] = [], name = 'actor') {
    const [program = '', ...args] = [...prefix, '/usr/bin/env', 'python3', '-u', '-c', interpreter, name];
    this.child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.child.stdin?.on('error', () => {});
    if (this.child.stdout === null) throw new Error('no standard output');
    this.#answers = createInterface(this.child.stdout)[Symbol.asyncIterator]();
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  async does(code: string): Promise<unknown> {
    this.child.stdin?.write(`${JSON.stringify(code)}\n`);
    const { value, done } = await this.#answers.next();
    if (done === true) throw new Error(`ended instead of: ${code}`);
    const { r, error } = JSON.parse(value) as { r: unknown; error?: string };
    if (error !== undefined) throw new Error(`${error} in: ${code}`);
    return r;
  }

  async end(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGCONT');
    this.child.kill('SIGKILL');
    await ended;
  }
}
