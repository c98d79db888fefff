import { codeIn } from '../../prose.ts';

/**
 * How a server with Go's net/http ends without losing requests: lines that replace its ListenAndServe(), and use `srv`, an *http.Server
 * with its Handler. It keeps listening for 2.5 s after the signal, because Shutdown() closes idle connections at once, and their clients
 * must learn of the shutdown before.
 */
const goShutdown = [
  'var closing atomic.Bool',
  'handler := srv.Handler',
  'srv.Handler = http.HandlerFunc(',
  '  func(w http.ResponseWriter, r *http.Request) {',
  '    if closing.Load() {',
  '      w.Header().Set("Connection", "close")',
  '    }',
  '    handler.ServeHTTP(w, r)',
  '  })',
  'signals := make(chan os.Signal, 1)',
  'signal.Notify(signals, syscall.SIGTERM)',
  'go srv.ListenAndServe()',
  '<-signals',
  'closing.Store(true)',
  'time.Sleep(2500 * time.Millisecond)',
  'srv.Shutdown(context.Background())',
] as const;

/** The same lines as the end of a sentence, with their effect. */
export const goAdvice = [
  'with this code in place of srv.ListenAndServe(), where srv is your *http.Server with its Handler:',
  codeIn(goShutdown),
  'It listens for 2.5 s more, tells the clients of kept connections to end them, and then waits for what is in flight; Shutdown() alone closes idle connections at once',
].join('\n');
