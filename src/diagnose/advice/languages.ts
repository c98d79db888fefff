const languages = ['Node', 'Python', 'Go', 'Java', 'C', 'nginx'] as const;
export type Language = (typeof languages)[number];

/** The change to a program in each language. */
export type Code = Readonly<Record<Language, string>>;

/** SO_REUSEADDR before bind(); some languages set it by default. */
export const reuseAddressCode: Code = {
  Node: 'nothing to change, listen() sets it; only your own descriptor, listen({ fd }), lacks it',
  Python:
    'sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1) before bind(); socketserver: allow_reuse_address = True',
  Go: 'nothing to change, net.Listen sets it; your own socket: unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)',
  Java: 'var server = new ServerSocket(); server.setReuseAddress(true); server.bind(address)',
  C: 'int on = 1; setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on); before bind()',
  nginx:
    'nothing to change, listen sets it; change a running one with "nginx -s reload" instead of a restart',
};

/** A port shared by several listeners of one user. */
export const reusePortCode: Code = {
  Node: 'server.listen({ port, reusePort: true }) (Node 22.12 and later), or node:cluster',
  Python: 'sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1) before bind()',
  Go: 'unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1) in net.ListenConfig.Control',
  Java: 'server.setOption(StandardSocketOptions.SO_REUSEPORT, true) before bind()',
  C: 'int on = 1; setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on); before bind()',
  nginx: 'listen 8080 reuseport;',
};

/** An old server that finishes on SIGTERM and hands the port over. */
export const stopCode: Code = {
  Node: "process.on('SIGTERM', () => { server.close(); server.closeAllConnections(); })",
  Python: 'signal.signal(signal.SIGTERM, lambda *_: sys.exit()), with the socket in a with statement',
  Go: 'signal.NotifyContext(ctx, syscall.SIGTERM), then server.Shutdown(ctx)',
  Java: 'Runtime.getRuntime().addShutdownHook(new Thread(() -> close(server)))',
  C: 'on SIGTERM leave the loop, close(fd) in the parent and in every child',
  nginx:
    '"nginx -s quit" ends it when its connections are done, "nginx -s reload" changes it without a restart',
};

/** Closing a connection when its other side has closed. */
export const closeCode: Code = {
  Node: "socket.on('end', () => socket.end()), and destroy() what is left after an error or a timeout; fetch: read or cancel() each body",
  Python:
    'close the socket when recv() returns nothing, or use it in a with statement; requests: use a Session and close responses',
  Go: 'defer conn.Close() for each connection; http: read and close each resp.Body',
  Java: 'close each Socket in try-with-resources; read() returns -1 when the other side has closed',
  C: 'close(fd) when read() returns 0',
  nginx: 'nothing to change: look at the upstream or the module that keeps the connections',
};

/** A listener that other machines do not reach. */
export const loopbackCode: Code = {
  Node: "server.listen({ port, host: '127.0.0.1' })",
  Python: "sock.bind(('127.0.0.1', port)); gunicorn: --bind 127.0.0.1:8080; uvicorn: --host 127.0.0.1",
  Go: 'net.Listen("tcp", "127.0.0.1:8080")',
  Java: 'new ServerSocket(port, 50, InetAddress.getLoopbackAddress())',
  C: 'addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK); before bind()',
  nginx: 'listen 127.0.0.1:8080;',
};

/** A longer accept queue. */
export const backlogCode: Code = {
  Node: 'server.listen({ port, backlog: 4096 })',
  Python: 'sock.listen(4096); gunicorn, uvicorn: --backlog 4096',
  Go: 'nothing to change: net.Listen takes net.core.somaxconn',
  Java: 'new ServerSocket(port, 4096); Tomcat: acceptCount',
  C: 'listen(fd, 4096)',
  nginx: 'listen 80 backlog=4096;',
};

/** Using connections again instead of a new one for each request. */
export const keepAliveCode: Code = {
  Node: 'new http.Agent({ keepAlive: true, maxSockets: n }), or one pool for all requests',
  Python: 'one requests.Session or connection pool for all requests',
  Go: 'one http.Client for all; read each resp.Body to its end, and raise Transport.MaxIdleConnsPerHost',
  Java: 'one HttpClient, or a connection pool, for all requests',
  C: 'keep the connection open, and send the next request on it',
  nginx: 'keepalive in the upstream block, with proxy_http_version 1.1 and an empty Connection header',
};

const programs: readonly { readonly pattern: RegExp; readonly language: Language }[] = [
  { pattern: /^nginx\b/, language: 'nginx' },
  { pattern: /^(?:node|nodejs|npm|npx|bun|deno|next-server|tsx)\b/, language: 'Node' },
  { pattern: /^(?:python[\d.]*|gunicorn|uvicorn|flask|hypercorn|celery)\b/, language: 'Python' },
  { pattern: /^java\b/, language: 'Java' },
];

/** The language of a program, from its command line; null if that does not show it. */
export function languageOf(command: string): Language | null {
  const [word = ''] = command.split(' ', 1);
  const name = word.slice(word.lastIndexOf('/') + 1);
  return programs.find(({ pattern }) => pattern.test(name))?.language ?? null;
}
