import { servers, testServer } from '../support/real-servers.ts';

for (const [name, server] of Object.entries(servers)) {
  if (server.pace === 'slow') testServer(name, server, 'watched');
  testServer(name, server, 'not watched');
}
