/**
 * How a server of Node ends without losing requests. The code is JavaScript that knows `server` and `net`, one statement or
 * part of one in a line. Node accepts one connection in each round of its event loop, and a listener that closes resets the others in its
 * queue: so it is closed after a round that has brought none. What arrives while the callbacks of that round run waits, too, so it must
 * have been a short one. After 1000 rounds it is closed in any case: then more arrive than the server accepts.
 */
export const nodeShutdown = {
  onSignal: [
    'let closing = false;',
    'let accepted = 0;',
    "server.on('connection', () => accepted++);",
    'const stop = (before, at, rounds) => {',
    '  const now = performance.now();',
    '  const isEmpty = accepted === before && now - at < 1;',
    '  if (!isEmpty && rounds > 0) return setImmediate(stop, accepted, now, rounds - 1);',
    '  net.Server.prototype.close.call(server);',
    '  setTimeout(() => server.closeIdleConnections(), 1000);',
    '};',
    "process.once('SIGTERM', () => {",
    '  closing = true;',
    '  setImmediate(stop, -1, 0, 1000);',
    '});',
  ],
  /** `res` is the answer of this request. */
  onRequest: "if (closing) res.setHeader('Connection', 'close')",
} as const;

/** The same as a sentence. */
export const nodeAdvice = `${nodeShutdown.onSignal.map((line) => line.trim()).join(' ')} And for each request: ${nodeShutdown.onRequest}. (net is node:net.) That accepts what waits in the queue, then closes the listener, and keeps idle connections until their clients have been told; server.close() would close them at once`;
