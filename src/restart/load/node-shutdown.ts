/**
 * How a server of Node ends without losing requests. The code is JavaScript that knows `server`, `net` and `closing`, one statement or
 * part of one in a line. Node accepts one connection in each round of its event loop: a listener that is closed in the handler resets the
 * others in its queue, so it is closed after a round that has brought none, and after 1000 rounds at the latest.
 */
export const nodeShutdown = {
  onSignal: [
    'let accepted = 0;',
    "server.on('connection', () => accepted++);",
    'const stop = (before, rounds) => {',
    '  if (accepted !== before && rounds > 0) return setImmediate(stop, accepted, rounds - 1);',
    '  net.Server.prototype.close.call(server);',
    '  setTimeout(() => server.closeIdleConnections(), 1000);',
    '};',
    "process.once('SIGTERM', () => {",
    '  closing = true;',
    '  setImmediate(stop, -1, 1000);',
    '});',
  ],
  /** `res` is the answer of this request. */
  onRequest: "if (closing) res.setHeader('Connection', 'close')",
} as const;

/** The same as a sentence. */
export const nodeAdvice = `${nodeShutdown.onSignal.map((line) => line.trim()).join(' ')} And for each request: ${nodeShutdown.onRequest}. That accepts what waits in the queue, closes the listener, and keeps idle connections until their clients have been told; server.close() would close them at once`;
