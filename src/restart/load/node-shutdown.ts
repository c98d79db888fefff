import { codeIn } from '../../prose.ts';

/**
 * How a server of Node ends without losing requests: lines of JavaScript that use `server` and `net`, short enough for a terminal.
 * The server keeps serving for 2.5 s, and ends each connection with its answer, even connections used only once per second. Only then does
 * it close the listener, so new connections are refused no longer than without a handler.
 * Node accepts one connection in each round of its event loop, and closing the listener resets the others in its queue. So the listener is
 * closed after a round without a connection. Connections that arrive after that round began are reset too, so the round must have been
 * short: a thousandth of the time since the signal, which a slow machine reaches later. After 5 s the listener is closed in any case: then
 * more connections arrive than the server accepts. Idle connections are closed by setImmediate(), once all data that has arrived is read.
 * The process ends with the last connection.
 */
export const nodeShutdown = [
  'let closing = false;',
  'let accepted = 0;',
  "server.on('connection', () => accepted++);",
  "server.prependListener('request', (_, res) => {",
  "  if (closing) res.setHeader('Connection', 'close');",
  '});',
  'const stop = (from, before, at) => {',
  '  const now = performance.now();',
  '  const isShort = now - at < (now - from) / 1000;',
  '  if (!(isShort && accepted === before) && now - from < 7500)',
  '    return setImmediate(stop, from, accepted, now);',
  '  net.Server.prototype.close.call(server);',
  '  setImmediate(() => server.closeIdleConnections());',
  '};',
  "process.once('SIGTERM', () => {",
  '  closing = true;',
  '  const now = performance.now();',
  '  setTimeout(setImmediate, 2500, stop, now, -1, 0);',
  '});',
] as const;

/** The same lines as the end of a sentence, with their effect. */
export const nodeAdvice = [
  'with this code, where server is your http.Server and net is node:net:',
  codeIn(nodeShutdown),
  'It serves for 2.5 s more, with "Connection: close" on each answer, so that clients leave; then it accepts what waits in the queue, closes the listener, and ends. server.close() at once would refuse new connections during this time, and close idle ones. A connection that arrives just between the last look at the queue and the close is still reset: only a listener that is kept (--listen-fds tries that), or a load balancer that stops sending first (--pre-stop), avoids that',
].join('\n');
