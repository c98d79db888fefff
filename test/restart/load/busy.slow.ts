import { expect, test } from 'vitest';
import { besideBusy } from '../../support/busy.ts';
import { goProgram } from '../../support/go.ts';
import { missing } from '../../support/machine.ts';
import { fixture, restart } from '../../support/restarts.ts';
import { somePort } from '../../support/sockets.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder('tcpclose-busy');

/** It reads requests, and passes them on 60 ms later: Shutdown() takes their connections for idle ones, and waits for the slow requests. */
const late = `type late struct { net.Conn }
func (c late) Read(b []byte) (int, error) {
  n, err := c.Conn.Read(b)
  if n > 1 { time.Sleep(60 * time.Millisecond) }
  return n, err
}
type lates struct { net.Listener }
func (l lates) Accept() (net.Conn, error) {
  c, err := l.Listener.Accept()
  return late{c}, err
}
func answer(w http.ResponseWriter, r *http.Request) {
  if r.URL.Path == "/slow" { time.Sleep(1500 * time.Millisecond) }
  w.Write([]byte("hello"))
}
func main() {
  srv := &http.Server{Addr: "127.0.0.1:" + os.Args[1], Handler: http.HandlerFunc(answer)}
  stop := make(chan os.Signal, 1)
  signal.Notify(stop, syscall.SIGTERM)
  go func() {
    l, err := net.Listen("tcp", srv.Addr)
    if err == nil { srv.Serve(lates{l}) }
  }()
  <-stop
  srv.Shutdown(context.Background())
}
`;

const node = (way: string) => () => ['node', fixture('logged.cjs'), String(somePort()), '/dev/null', way];
const go = () => [goProgram(folder, late), String(somePort())];

test.for([
  ['that closes idle connections, in Go', 'go', go, 'cuts-keep-alive', 'cuts-requests'],
  ['that closes idle connections, in Node', 'node', node('busy, cut'), 'cuts-keep-alive', 'cuts-requests'],
  ['that closes all connections', 'node', node('close all'), 'cuts-requests', 'cuts-keep-alive'],
] as const)(
  'a server %s has the same cause on a busy machine',
  async ([, needs, command, cause, other], context) => {
    const why = missing(needs);
    if (why !== null) return context.skip(why);
    const seen = new Set<string>();
    // Which requests are on their way at the moment is chance: in one restart there may be none.
    for (const processes of [0, 6, 0]) {
      const options = ['--load', 'new=20/s,pooled=40,idle=4,slow=4', '--slow-path', '/slow'];
      const { runs } = await besideBusy(processes, () =>
        restart([...options, '--request-timeout', '30s'], command()),
      );
      for (const loss of runs[0]?.load?.losses ?? []) seen.add(loss.cause);
      if (processes > 0 && seen.has(cause)) break;
    }
    expect([...seen]).toContain(cause);
    expect([...seen]).not.toContain(other);
  },
);
