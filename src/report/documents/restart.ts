import * as v from 'valibot';
import { row, schemaVersion } from './parts.ts';

const describe = v.description;
const verdict = v.picklist(['survives', 'fails', 'not decided']);
const process = v.object({ pid: v.number(), name: v.string() });
const ending = { status: v.nullable(v.number()), signal: v.nullable(v.string()) };

const call = v.object({
  call: v.picklist(['bind', 'listen']),
  pid: v.number(),
  program: v.string(),
  address: v.nullable(v.string()),
  port: v.nullable(v.number()),
  path: v.nullable(v.string()),
  reuseAddress: v.nullable(v.boolean()),
  reusePort: v.nullable(v.boolean()),
  result: v.pipe(v.string(), describe('ok, an errno, failed, or not seen')),
  seen: v.pipe(
    v.nullable(v.picklist(['afterwards', 'just before'])),
    describe(
      'when the result was seen: afterwards, on the socket; or just before the call went on, by a bind of tcpclose with the same options',
    ),
  ),
  inTheWay: v.pipe(
    v.array(row),
    describe('the sockets on its port at that moment, and who had them, if the port was in use'),
  ),
});

const sighting = {
  seenBy: v.pipe(
    v.picklist(['calls', 'table']),
    describe(
      "by what it is known for the command's: its own listen(), or the kernel's table of sockets alone",
    ),
  ),
  openedBy: v.pipe(
    v.nullable(process),
    describe('the process that called listen(); null where that was not seen'),
  ),
};

const evidence = v.object({
  explanation: v.nullable(v.string()),
  remedy: v.nullable(v.string()),
  stopped: v.pipe(
    v.nullable(v.object({ ...ending, afterMs: v.number() })),
    describe('how the old server ended; null if it had not in time'),
  ),
  secondStart: v.nullable(
    v.object({
      result: v.pipe(
        v.picklist([
          'accepts',
          'not ready',
          'not everywhere',
          'no answer',
          'ends its client',
          'listens only',
          'failed',
        ]),
        describe('how far it got with one client'),
      ),
      acceptedBy: v.pipe(
        v.array(process),
        describe('the processes that accepted the client; empty if none did, or they could not be seen'),
      ),
      calls: v.pipe(
        v.array(call),
        describe('its own calls, with the options at that moment; empty where they were not watched'),
      ),
      watchedMs: v.pipe(
        v.nullable(v.number()),
        describe('how long it was watched after it had served its client; null if it has served none'),
      ),
      listensOn: v.pipe(
        v.array(v.union([v.number(), v.string()])),
        describe('the ports or paths on which it listens instead'),
      ),
      ended: v.nullable(v.object(ending)),
      output: v.pipe(v.string(), describe('the end of what it printed')),
      sockets: v.pipe(v.array(row), describe('on the port after it failed')),
    }),
  ),
  bind: v.pipe(
    v.nullable(v.object({ withoutReuseAddress: v.string(), withReuseAddress: v.string() })),
    describe('what bind(2) said on the old address after the second start failed: ok, or errno'),
  ),
  freeInMs: v.pipe(v.nullable(v.number()), describe('by the longest timer of what remained')),
  rounds: v.object({ survived: v.number(), failed: v.number() }),
  outagesMs: v.pipe(v.array(v.nullable(v.number())), describe('of each round')),
});

/** What `tcpclose restart --json` prints. */
export const restartDocument = v.object({
  schemaVersion,
  command: v.array(v.string()),
  port: v.nullable(v.number()),
  path: v.pipe(v.nullable(v.string()), describe('of a server on a Unix socket')),
  runs: v.array(
    v.object({
      signal: v.string(),
      clients: v.picklist(['stay', 'close']),
      order: v.picklist(['server-first', 'client-first']),
      verdict,
      cause: v.pipe(
        v.nullable(v.string()),
        describe(
          'no-reuse-address, surviving-listener, surviving-connection, signal-ignored, still-running, port-taken-by-other, exited-otherwise, racy',
        ),
      ),
      reason: v.pipe(v.nullable(v.string()), describe('why it is not decided')),
      evidence: v.nullable(evidence),
      durationMs: v.pipe(v.number(), describe('how long all rounds took together')),
      outageMs: v.pipe(
        v.nullable(v.number()),
        describe('from the signal to the first accepted connection; the median of the rounds'),
      ),
      oldSockets: v.pipe(
        v.array(row),
        describe('what the old server had left on the port, as it was when the second start was over'),
      ),
      oldProcesses: v.array(
        v.object({
          pid: v.number(),
          parent: v.pipe(v.number(), describe('its parent before the signal')),
          name: v.string(),
          command: v.string(),
          listener: v.pipe(
            v.nullable(v.picklist(['own', 'shared', 'inherited'])),
            describe(
              'how it came to the listener that it still has: by itself, by fork, or over execve; null if it has none',
            ),
          ),
        }),
      ),
      target: v.pipe(
        v.nullable(v.object(sighting)),
        describe('the listener that was tried; null if no server was started'),
      ),
      otherListeners: v.pipe(
        v.array(
          v.object({
            port: v.nullable(v.number()),
            path: v.pipe(v.nullable(v.string()), describe('of a Unix socket')),
            address: v.string(),
            processes: v.array(process),
            tool: v.pipe(v.nullable(v.string()), describe('the tool that opened it for itself')),
            ...sighting,
          }),
        ),
        describe('what else the command listened on'),
      ),
      watching: v.pipe(
        v.object({ state: v.picklist(['on', 'off']), reason: v.nullable(v.string()) }),
        describe(
          'whether the calls of the command were watched, or why not: then all rests on what the kernel shows',
        ),
      ),
      calls: v.pipe(v.array(call), describe('those of the first start, until it was stopped')),
      warnings: v.pipe(v.array(v.string()), describe('what is not as it should be, whatever the verdict')),
      leftFiles: v.pipe(
        v.array(v.object({ path: v.string(), reason: v.string() })),
        describe('Unix sockets that were not removed at the end'),
      ),
      listenerOptions: v.object({
        reuseAddress: v.nullable(v.boolean()),
        reusePort: v.nullable(v.boolean()),
        reason: v.pipe(v.nullable(v.string()), describe('why they could not be read')),
      }),
    }),
  ),
  verdict,
});

export type RestartDocument = v.InferOutput<typeof restartDocument>;
