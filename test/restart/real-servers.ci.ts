import { servers, testServer } from '../support/real-servers.ts';

for (const [name, server] of Object.entries(servers)) {
  testServer(name, server, 'watched');
  testServer(name, server, 'not watched');
}
