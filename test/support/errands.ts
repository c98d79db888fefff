import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './until.ts';

/** What a command has printed there. */
export interface Finished {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number;
}

/** For a shell of a machine that has the folder as its own working directory: it runs what comes, for ever. */
export const runErrands = `touch ready
while :; do
  for file in *.todo; do
    [ -e "$file" ] || continue
    name=\${file%.todo}
    mv "$file" "$name.sh"
    sh "$name.sh" >"$name.out" 2>"$name.err"
    echo $? >"$name.rc"
    mv "$name.rc" "$name.done"
  done
  sleep 0.1
done
`;

/** Commands for a machine that shares a folder with this one, and runs `runErrands` in it. */
export class Errands {
  readonly #folder: string;
  #commands = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  get areRun(): boolean {
    return existsSync(join(this.#folder, 'ready'));
  }

  /** Runs commands of a shell there. */
  async run(script: string): Promise<Finished> {
    const name = join(this.#folder, `${++this.#commands}`);
    writeFileSync(`${name}.new`, script);
    renameSync(`${name}.new`, `${name}.todo`);
    await until(script, () => existsSync(`${name}.done`), 240_000);
    const text = (end: string) => readFileSync(`${name}.${end}`, 'utf8');
    return { stdout: text('out'), stderr: text('err'), status: Number(text('done')) };
  }
}
