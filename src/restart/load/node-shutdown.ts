import { codeIn } from '../../prose.ts';

/**
 * How a server of Node ends without losing requests: lines of JavaScript that know `server` and `net`, short enough for a terminal.
 *
 * Node accepts one connection in each round of its event loop, and a listener that closes resets the others in its queue: so it is closed
 * after a round that has brought none. What arrives since that round began is reset, too, so it must have been a short one: of a thousandth of
 * the time since the signal, which a slow machine reaches later. After 5 s it is closed in any case: then more arrive than the server accepts.
 *
 * Idle connections stay for 2.5 s more, so that their clients are told: also those that use them once per second. They are closed by
 * setImmediate(), when all that has arrived was read: a timer runs before that. The process ends with the last connection.
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
  '  const isEmpty = accepted === before && now - at < (now - from) / 1000;',
  '  if (!isEmpty && now - from < 5000)',
  '    return setImmediate(stop, from, accepted, now);',
  '  net.Server.prototype.close.call(server);',
  '  const closeIdle = () => server.closeIdleConnections();',
  '  setTimeout(setImmediate, 2500, closeIdle).unref();',
  '};',
  "process.once('SIGTERM', () => {",
  '  closing = true;',
  '  setImmediate(stop, performance.now(), -1, 0);',
  '});',
] as const;

/** The same as the end of a sentence, with what it does. */
export const nodeAdvice = [
  'with this code, where server is your http.Server and net is node:net:',
  codeIn(nodeShutdown),
  'It accepts what waits in the queue, then closes the listener, and keeps idle connections until their clients have been told, for at most 2.5 s, in which new connections are refused; server.close() would close them at once. A connection that arrives just between the last look at the queue and the close is still reset: only a listener that is kept (--listen-fds tries that), or a load balancer that stops sending first (--pre-stop), avoids that',
].join('\n');
