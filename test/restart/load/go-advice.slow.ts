import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { blocksOf } from '../../../src/prose.ts';
import { missing } from '../../support/machine.ts';
import { restart } from '../../support/restarts.ts';
import { unless } from '../../support/skips.ts';
import { somePort } from '../../support/sockets.ts';

const folder = mkdtempSync(join(tmpdir(), 'tcpclose-go-'));
afterAll(() => rmSync(folder, { recursive: true }));

const imports = ['context', 'net/http', 'os', 'os/signal', 'sync/atomic', 'syscall', 'time'];

/** A server of Go that serves in that way, compiled. */
function compiled(name: string, serves: string): string {
  const source = join(folder, `${name}.go`);
  const used = imports.filter((path) =>
    new RegExp(`\\b${path.split('/').at(-1)}\\.`).test(`${program}${server}${serves}`),
  );
  writeFileSync(
    source,
    `package main\nimport (\n${used.map((path) => `"${path}"\n`).join('')})\n${program}func main() {\n${server}${serves}\n}\n`,
  );
  const binary = join(folder, name);
  const env = { ...process.env, GOCACHE: join(folder, 'cache'), GO111MODULE: 'off', CGO_ENABLED: '0' };
  execFileSync('go', ['build', '-o', binary, source], { env, cwd: folder });
  return binary;
}

const program = `func answer(w http.ResponseWriter, r *http.Request) {
  if r.URL.Path == "/slow" { time.Sleep(400 * time.Millisecond) }
  w.Write([]byte("hello"))
}
`;
const server = 'srv := &http.Server{Addr: "127.0.0.1:" + os.Args[1], Handler: http.HandlerFunc(answer)}\n';

async function lossesOf(binary: string, ...options: readonly string[]) {
  const load = ['--load', 'new=40/s,pooled=8,idle=4,slow=3', '--slow-path', '/slow'];
  const { runs } = await restart([...load, ...options], [binary, String(somePort())]);
  const found = runs[0]?.load;
  expect(found?.verdict, found?.reason ?? '').not.toBe('too little');
  return found?.losses.filter(({ cause }) => cause !== 'outage') ?? [];
}

test(
  'the code that a server of Go is advised to have compiles, and loses nothing',
  unless(missing('go')),
  async () => {
    const losses = await lossesOf(compiled('failing', 'srv.ListenAndServe()'));
    const loss = losses.find(({ cause }) => cause === 'no-handler');
    const code = blocksOf(loss?.remedy ?? '').find(({ kind }) => kind === 'code')?.text;
    expect(code).toContain('srv.Shutdown(');
    // Nobody connects any more when the listener closes.
    expect(await lossesOf(compiled('advised', code ?? ''), '--pre-stop', '1s')).toEqual([]);
  },
);
