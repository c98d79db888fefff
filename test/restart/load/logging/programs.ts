import { goProgram } from '../../../support/go.ts';
import { missing } from '../../../support/machine.ts';
import { ownLine } from '../../../support/request-log.ts';
import { fixture } from '../../../support/restarts.ts';
import { accessLine, type LoggingServer } from './server.ts';

const sentFive = accessLine(/^access (?<name>\S+) (?<status>\d+) (?<whole>5)$/);

/** One request at a time in each of its two workers, which log it when it is answered. */
export const gunicorn: LoggingServer = {
  lacks: () => missing('gunicorn'),
  command: ({ port, log }) => [
    ...['env', `LOG=${log}`, `PYTHONPATH=${fixture('')}`, 'gunicorn', '--workers', '2'],
    ...['--access-logfile', log, '--access-logformat', 'access %({x-request-id}i)s %(s)s %(B)s'],
    ...['--bind', `127.0.0.1:${port}`, 'logged_wsgi:app'],
  ],
  // Not its application's own word for it, which comes before the answer is sent.
  read: (line) => {
    const own = ownLine(line);
    return own?.word === 'answered' ? undefined : (own ?? sentFive(line));
  },
  load: 'new=15/s,pooled=3,idle=2',
};

export const go = (ends: string): LoggingServer => ({
  lacks: () => missing('go'),
  command: ({ port, log, folder }) => [goProgram(folder, goServer(ends)), String(port), log],
  read: ownLine,
});

const goServer = (ends: string) => `
func main() {
  file, err := os.OpenFile(os.Args[2], os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0644)
  if err != nil { panic(err) }
  logged := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
    name := r.Header.Get("X-Request-Id")
    fmt.Fprintf(file, "got %s\\n", name)
    if r.URL.Path == "/slow" { time.Sleep(400 * time.Millisecond) }
    w.Header().Set("Content-Length", "5")
    fmt.Fprintf(file, "answers %s\\n", name)
    _, err := w.Write([]byte("hello"))
    w.(http.Flusher).Flush()
    if err == nil && r.Context().Err() == nil { fmt.Fprintf(file, "answered %s\\n", name) }
  })
  srv := &http.Server{Addr: "127.0.0.1:" + os.Args[1], Handler: logged}
  ${ends}
}
`;

export const goShutdown = `stop := make(chan os.Signal, 1)
  done := make(chan struct{})
  signal.Notify(stop, syscall.SIGTERM)
  go func() { <-stop; srv.Shutdown(context.Background()); close(done) }()
  srv.ListenAndServe()
  <-done`;
