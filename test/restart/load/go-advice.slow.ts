import { describe, expect, test } from 'vitest';
import { blocksOf } from '../../../src/prose.ts';
import { goProgram } from '../../support/go.ts';
import { observed } from '../../support/loads.ts';
import { missing } from '../../support/machine.ts';
import { restart } from '../../support/restarts.ts';
import { somePort } from '../../support/sockets.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder('tcpclose-go');

/** A server of Go that serves in that way, compiled. Its connections read late, as those of a busy machine do, if `reads` says so. */
function compiled(serves: string, { slowMs = 400, reads = 'at once' as 'at once' | 'late' } = {}): string {
  const listens = reads === 'late' ? lateListener : '';
  return goProgram(
    folder,
    `func answer(w http.ResponseWriter, r *http.Request) {
  if r.URL.Path == "/slow" { time.Sleep(${slowMs} * time.Millisecond) }
  w.Write([]byte("hello"))
}
${listens}
func main() {
  srv := &http.Server{Addr: "127.0.0.1:" + os.Args[1], Handler: http.HandlerFunc(answer)}
  ${reads === 'late' ? serves.replaceAll('srv.ListenAndServe()', 'serve(srv)') : serves}
}
`,
  );
}

const lateListener = `type late struct { net.Conn }
func (c late) Read(b []byte) (int, error) {
  n, err := c.Conn.Read(b)
  if n > 1 { time.Sleep(25 * time.Millisecond) }
  return n, err
}
type lates struct { net.Listener }
func (l lates) Accept() (net.Conn, error) {
  c, err := l.Listener.Accept()
  return late{c}, err
}
func serve(srv *http.Server) {
  l, err := net.Listen("tcp", srv.Addr)
  if err == nil { srv.Serve(lates{l}) }
}`;

const waits = `stop := make(chan os.Signal, 1)
  signal.Notify(stop, syscall.SIGTERM)
  go srv.ListenAndServe()
  <-stop
  `;
const endsWithListener = `go func() {
    stop := make(chan os.Signal, 1)
    signal.Notify(stop, syscall.SIGTERM)
    <-stop
    srv.Shutdown(context.Background())
  }()
  srv.ListenAndServe()`;
const withLimit = `${waits}limit, cancel := context.WithTimeout(context.Background(), time.Second)
  defer cancel()
  srv.Shutdown(limit)`;
const preStop = ['--pre-stop', '1s'];

interface Remedy {
  readonly cause: string;
  readonly says: RegExp;
  readonly failing: string;
  readonly options?: readonly string[];
  /** Without it, the code that the remedy shows. */
  readonly repaired?: string;
  readonly slowMs?: number;
  readonly reads?: 'late';
}

/** With the advised code nobody connects any more when the listener closes, and nothing is lost. */
const remedies: Readonly<Record<string, Remedy>> = {
  'a handler': { cause: 'no-handler', says: /srv\.Shutdown\(/, failing: 'srv.ListenAndServe()' },
  'main() that waits for Shutdown()': {
    cause: 'exits-at-once',
    says: /let main\(\) end when Shutdown\(\) has returned/,
    failing: endsWithListener,
  },
  'Shutdown() instead of Close()': {
    cause: 'cuts-requests',
    says: /call Shutdown\(\), not Close\(\)/,
    failing: `${waits}srv.Close(); time.Sleep(300 * time.Millisecond)`,
  },
  'Shutdown() when the clients of idle connections have been told': {
    cause: 'cuts-keep-alive',
    says: /with this code in place of srv\.ListenAndServe\(\)/,
    failing: `${waits}srv.Shutdown(context.Background())`,
    reads: 'late',
  },
  'Shutdown() without a deadline': {
    cause: 'drain-too-short',
    says: /give Shutdown\(\) a context without a deadline/,
    failing: withLimit,
    repaired: `${waits}srv.Shutdown(context.Background())`,
    slowMs: 2500,
  },
  'a delay before Shutdown()': {
    cause: 'stops-listening-before-drain',
    says: /by a delay in the handler/,
    failing: `${waits}srv.Shutdown(context.Background())`,
    repaired: `${waits}time.Sleep(2 * time.Second); srv.Shutdown(context.Background())`,
    options: preStop,
  },
};

async function lossesOf(binary: string, ...options: readonly string[]) {
  const load = ['--load', 'new=40/s,pooled=40,idle=4,slow=3', '--slow-path', '/slow'];
  const run = await observed(() => restart([...load, ...options], [binary, String(somePort())]));
  return run.load.losses.filter(({ cause }) => cause !== 'outage');
}

describe.concurrent('what a server of Go is advised to do helps', () => {
  test.for(Object.entries(remedies))('%s', async ([, remedy], context) => {
    const why = missing('go');
    if (why !== null) return context.skip(why);
    const { cause, says, failing, options = [], repaired, ...program } = remedy;
    const before = await lossesOf(compiled(failing, program), ...options);
    const isIt = (one: { readonly cause: string }) => one.cause === cause;
    const loss = before.find(isIt);
    expect(loss, `none of ${before.map((one) => one.cause)}`).toBeDefined();
    expect(loss?.remedy).toMatch(says);
    const code = repaired ?? blocksOf(loss?.remedy ?? '').find(({ kind }) => kind === 'code')?.text;
    if (code === undefined) throw new Error(`no code in: ${loss?.remedy}`);
    const after = await lossesOf(compiled(code, program), ...(repaired === undefined ? preStop : options));
    if (repaired === undefined || options.length > 0) expect(after).toEqual([]);
    else expect(after.filter(isIt)).toEqual([]);
  });
});
