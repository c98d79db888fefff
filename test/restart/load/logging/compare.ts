/**
 * What the clients of a load say agrees with the log of the server, request by request. Some servers by default; all of them, and those that
 * need packages or a compiler, in the slow test.
 */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { expectAgreement, RequestLog } from '../../../support/request-log.ts';
import { restart } from '../../../support/restarts.ts';
import { somePort } from '../../../support/sockets.ts';
import type { LoggingServer } from './server.ts';

const usual = 'new=40/s,pooled=6,idle=3,slow=3';

export function compareWithLogs(servers: Readonly<Record<string, LoggingServer>>): void {
  const root = mkdtempSync(join(tmpdir(), 'tcpclose-logging-'));
  chmodSync(root, 0o755);
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  describe.concurrent('what the clients say agrees with the log of the server', () => {
    test.for(Object.entries(servers))('%s', async ([, server], context) => {
      const why = server.lacks();
      if (why !== null) return context.skip(why);
      const port = somePort();
      const folder = join(root, String(port));
      mkdirSync(folder);
      const log = new RequestLog(server.read);
      const slow = server.load === undefined ? ['--slow-path', '/slow'] : [];
      const options = ['--load', server.load ?? usual, ...slow, '--request-timeout', '20s'];
      const document = await restart(
        [...options, ...(server.options ?? [])],
        server.command({ port, folder, log: log.path }),
        { env: { PATH: `${process.env['PATH']}:/usr/sbin` } },
      );
      const [run] = document.runs;
      if (run?.load == null) throw new Error(JSON.stringify(document));
      const causes = run.load.losses.map(({ cause }) => cause);
      for (const cause of server.causes ?? []) expect(causes).toContain(cause);
      expect(log.answered.size).toBeGreaterThan(20);
      expectAgreement(run.load, log);
    });
  });
}
