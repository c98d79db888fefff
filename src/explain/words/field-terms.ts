import type { Entry } from './entry.ts';

/** What users read in the messages of programs, and say about servers and clients. */
export const fieldTerms: readonly Entry[] = [
  [
    'socket hang up',
    'What Node says if a connection ends before the response is there, with the code ECONNRESET; undici says "other side closed", Python "Remote end closed connection without response", Go "EOF". Mostly the server has closed an idle connection at the moment of the request, or has been restarted. Repeat the request if it is idempotent, and let the client give up idle connections before the server does.',
    'Node: _http_client.js; RFC 9112 section 9.3.1',
    ['keep-alive-race', 'proxy-reuses-dead-connection'],
  ],
  [
    '502',
    'Bad Gateway: a proxy got no whole answer from the server behind it, which refused, reset or closed the connection. After idle times it is the race of keep-alive: the server must keep idle connections longer than the proxy. 503: the proxy has no server to ask; 504: the server took longer than the timeout of the proxy.',
    'RFC 9110 section 15.6.3; nginx: "upstream prematurely closed connection"',
    ['proxy-reuses-dead-connection', 'keep-alive-race'],
  ],
  [
    'idle timeout',
    'How long a side keeps a connection on which nothing moves. Whoever sends requests must have the shorter one: otherwise the server closes a connection just as a request is on its way.',
    'RFC 9112 section 9.8',
    ['keep-alive-race'],
  ],
  [
    'connection pool',
    'Connections that a client keeps for later requests. The server may have closed one in the meantime, and the client learns of it only when it looks or sends. Give the pool a shorter idle timeout than the server’s, and a limit.',
    'RFC 9112 section 9.3',
    ['proxy-reuses-dead-connection', 'keep-alive-race'],
  ],
  [
    'graceful shutdown',
    'A server stops accepting, answers what it has begun, closes idle connections, and ends. Behind a load balancer it keeps accepting for a while after the signal, until nothing is sent to it any more (preStop of Kubernetes). "tcpclose restart --load -- <command>" counts what is lost.',
    'Kubernetes: Termination of Pods; Node: server.close()',
    ['accept-queue-reset', 'connection-close'],
  ],
  [
    'server.close',
    'server.close() of Node closes the listener. Connections go on, and the process lives as long as they do; from Node 19 on idle HTTP connections are closed as well. A second call fails with ERR_SERVER_NOT_RUNNING.',
    'Node: net.Server, http.Server',
    ['accept-queue-reset'],
  ],
  [
    'closeAllConnections',
    'server.closeAllConnections() of Node destroys all HTTP connections, those with a request in progress too; closeIdleConnections() only those without one. Since Node 18.2.',
    'Node: http.Server',
    ['unread-data-resets'],
  ],
  [
    'resetAndDestroy',
    'socket.resetAndDestroy() of Node closes a connection with RST, as SO_LINGER with 0 seconds and close() do: an abortive close. The other side gets ECONNRESET, and nobody has a TIME_WAIT. Since Node 18.3.',
    'Node: net.Socket; RFC 9293 section 3.10.5',
    ['reset', 'linger-zero'],
  ],
  [
    'allowHalfOpen',
    'With this option a socket of Node does not send its own FIN when the other side ends: the program must call end(), or the connection stays in CLOSE_WAIT.',
    'Node: net.createServer(), net.connect()',
    ['shut-wr', 'close-wait-leak'],
  ],
  [
    'socket.setTimeout',
    'socket.setTimeout() of Node emits an event after a time without activity. It closes nothing: the program must call end() or destroy().',
    'Node: net.Socket',
    ['socket-timeouts'],
  ],
  [
    'requestTimeout',
    'How long an HTTP server of Node waits for a whole request (300 s), headersTimeout for its headers (60 s). Then it answers 408 and closes the connection.',
    'Node: http.Server',
    ['keep-alive-race'],
  ],
  [
    'write after end',
    'A program of Node writes to a socket whose writing it has ended or destroyed (ERR_STREAM_WRITE_AFTER_END, ERR_STREAM_DESTROYED). ERR_STREAM_PREMATURE_CLOSE: a stream closed before its end. In the kernel the same is EPIPE.',
    'Node: errors; send(2)',
    ['write-after-close'],
  ],
  [
    'signal',
    'SIGTERM asks a process to end, SIGINT is Ctrl-C, SIGHUP the end of a terminal or "read your settings again": a program may act on them. SIGKILL ends it at once. For the connections it is all the same: the kernel closes them when the process has ended.',
    'signal(7)',
    ['every-way-alike', 'server-first'],
  ],
  [
    'zombie',
    'A process that has ended and for which its parent has not called wait() yet. Its descriptors are closed: it holds no port.',
    'wait(2)',
    ['every-way-alike'],
  ],
  [
    'socket activation',
    'systemd or inetd opens the listener and passes it on. It stays open while the service restarts: clients wait in its accept queue instead of being refused. To free the port, stop the .socket unit.',
    'systemd.socket(5), sd_listen_fds(3)',
    ['inherited-listener'],
  ],
  [
    'docker-proxy',
    'The process with which Docker holds a published port on the host. The connections mostly take a rule of NAT past it. Stop the container, not the process.',
    'Docker: userland-proxy',
    [],
  ],
  [
    'happy eyeballs',
    'A client tries the IPv6 and the IPv4 address of a name nearly at the same time: which program answers at localhost may differ if two have the port.',
    'RFC 8305',
    ['dual-stack'],
  ],
  [
    'MPTCP',
    'A connection over several paths, each of which is a connection of TCP. Since Go 1.24 listeners of Go use it by default. Those paths are in the table of TCP, and its own sockets are not.',
    'RFC 8684; Linux: Documentation/networking/mptcp.rst',
    [],
  ],
  [
    'QUIC',
    'The transport of HTTP/3, over UDP: it has no states in the kernel and no TIME_WAIT.',
    'RFC 9000 section 10',
    [],
  ],
];
