import { missing } from '../../../support/machine.ts';
import { accessLine, type LoggingServer, write } from './server.ts';

const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

export const nginx: LoggingServer = {
  lacks: () => missing('nginx'),
  command(start) {
    write(start, 'index.html', 'hello');
    write(start, 'slow', Buffer.alloc(60_000, 'x'));
    const paths = temporary.map((name) => `${name}_temp_path ${start.folder}/${name};`).join(' ');
    const text = `daemon off; pid ${start.folder}/nginx.pid; error_log /dev/null; worker_processes 2;
events {}
http { ${paths} log_format own '$http_x_request_id $status $request_completion';
  access_log ${start.log} own;
  server { listen 127.0.0.1:${start.port}; root ${start.folder};
    location = /slow { limit_rate 100k; limit_rate_after 1k; } } }
`;
    return ['nginx', '-c', write(start, 'nginx.conf', text)];
  },
  read: accessLine(/^(?<name>\S+) (?<status>\d+) (?<whole>OK)?$/),
};

export const haproxy: LoggingServer = {
  lacks: () => missing('haproxy'),
  command(start) {
    const text = `global
  log stdout format raw local0
defaults
  mode http
  log global
  log-format "%[capture.req.hdr(0)] %ST %ts"
  timeout client 10s
  timeout connect 1s
  timeout server 10s
  timeout tarpit 400ms
frontend front
  bind 127.0.0.1:${start.port}
  http-request capture req.hdr(x-request-id) len 40
  http-request tarpit deny_status 200 if { path /slow }
  http-request return status 200 content-type text/plain string hello
`;
    const config = write(start, 'haproxy.cfg', text);
    // HAProxy takes O_APPEND off its output: the second start would write over the log of the first.
    return ['sh', '-c', `exec haproxy -db -f ${config} > ${start.log}.$$`];
  },
  // C: the client was gone.
  read: accessLine(/^(?<name>\S+) (?<status>\d+) (?<whole>[^C].)?/),
};

export const apache: LoggingServer = {
  lacks: () => missing('apache2'),
  command(start) {
    write(start, 'index.html', 'hello');
    write(start, 'slow', Buffer.alloc(30_000, 'x'));
    const modules = '/usr/lib/apache2/modules';
    const names = ['mpm_event', 'authz_core', 'dir', 'env', 'ratelimit'];
    const loaded = names.map((name) => `LoadModule ${name}_module ${modules}/mod_${name}.so`).join('\n');
    const text = `ServerRoot "${start.folder}"
Listen 127.0.0.1:${start.port}
PidFile ${start.folder}/apache.pid
ErrorLog ${start.folder}/error.log
${loaded}
User nobody
Group nogroup
ServerName localhost
DocumentRoot ${start.folder}
LogFormat "%{X-Request-Id}i %>s %X" own
CustomLog ${start.log} own
<Location "/slow">
  SetOutputFilter RATE_LIMIT
  SetEnv rate-limit 40
</Location>
`;
    return ['apache2', '-DFOREGROUND', '-f', write(start, 'apache.conf', text)];
  },
  // X: the connection was aborted.
  read: accessLine(/^(?<name>\S+) (?<status>\d+) (?<whole>[+-])?/),
};

export const caddy: LoggingServer = {
  lacks: () => missing('caddy'),
  command(start) {
    const text = `{
  admin off
  auto_https off
}
http://:${start.port} {
  bind 127.0.0.1
  log {
    output file ${start.log}
  }
  respond hello
}
`;
    const config = write(start, 'Caddyfile', text);
    const home = `HOME=${start.folder}`;
    return ['env', home, 'caddy', 'run', '--adapter', 'caddyfile', '--config', config];
  },
  read: accessLine(/"X-Request-Id":\["(?<name>[^"]+)"\].*"size":(?<whole>5),"status":(?<status>\d+)/),
};
