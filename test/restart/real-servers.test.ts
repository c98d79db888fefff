import { servers, testServer } from '../support/real-servers.ts';

// The slow ones, and the others not watched, are in real-servers.ci.ts.
for (const [name, server] of Object.entries(servers))
  if (server.pace !== 'slow') testServer(name, server, 'watched');
