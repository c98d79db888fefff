import type { Code } from '../../diagnose/advice/languages.ts';

/** How to close a connection when the other side has closed it. */
export const closeCode: Code = {
  Node: "read it (socket.resume() or on('data')); with allowHalfOpen call socket.end() on 'end'",
  Python: "when recv() returns b'', close() it; or use a with statement",
  Go: 'defer conn.Close(); of a response: defer resp.Body.Close()',
  Java: 'try (var socket = ...) { ... }; close it when read() returns -1',
  C: 'when read() returns 0, close(fd), in every process that has it',
  nginx: 'nothing to change: look at modules and at what it proxies',
};

/** How to read what arrives, so that the other side can go on. */
export const readCode: Code = {
  Node: "socket.on('data', ...), or socket.resume() to drop it; no pause() without a resume(); read the body of each response",
  Python: 'recv() until it returns nothing, in a thread or a loop of its own; read the body of each response',
  Go: 'io.Copy(io.Discard, resp.Body) before resp.Body.Close()',
  Java: 'read the InputStream to its end, or close it',
  C: 'read() in the loop of poll() for as long as the descriptor is readable',
  nginx: 'nothing to change: look at what it proxies',
};

/** How to ask a quiet connection whether its other side is still there. */
export const keepAliveCode: Code = {
  Node: 'socket.setKeepAlive(true, 60_000); net.createServer({ keepAlive: true, keepAliveInitialDelay: 60_000 })',
  Python: 'sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1), and TCP_KEEPIDLE',
  Go: 'nothing to change, net sets it; net.ListenConfig{KeepAlive: time.Minute}',
  Java: 'socket.setKeepAlive(true)',
  C: 'int on = 1; setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on); TCP_KEEPIDLE',
  nginx: 'listen 80 so_keepalive=60s:10s:6;',
};

/** How to reuse a connection instead of opening one for each request. */
export const reuseConnectionCode: Code = {
  Node: 'new http.Agent({ keepAlive: true }), one for the whole program; the default from Node 19 on',
  Python: 'one requests.Session() or httpx.Client() for the whole program',
  Go: 'one http.Client for the whole program, each body read to its end; MaxIdleConnsPerHost',
  Java: 'one HttpClient for the whole program',
  C: 'one curl handle, or a pool of connections',
  nginx: 'upstream { ... keepalive 32; } with proxy_http_version 1.1 and proxy_set_header Connection ""',
};
