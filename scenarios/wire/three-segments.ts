import { scenario, TooSlow } from '../../src/index.ts';
import { has, inFigure, type RecordedConnection } from '../../src/kit/kit.ts';

/** If the process is delayed by 40 ms, the kernel acknowledges the FIN alone: then the scenario tries again. */
const mostTries = 8;
/** Half of the shortest time after which an acknowledgment is sent alone (TCP_DELACK_MIN). */
const promptMs = 20;

export default scenario({
  title: 'A close takes three segments if ACK and FIN share one',
  claim:
    'If the second side closes before its kernel has acknowledged the first FIN, one segment carries both ACK and FIN: it takes the ' +
    'first side from FIN_WAIT1 to TIME_WAIT, on Linux through FIN_WAIT2, for as long as the kernel processes that segment.',
  source: ['RFC 9293 section 3.10.7.4 (FIN-WAIT-1 STATE)', 'Linux: tcp_rcv_state_process(), tcp_fin()'],
  decides: ['C22', 'C25'],
  needs: ['packets'],
  needsFor: {
    C25: "the kernel's tracepoints cannot be read: run as root, on a kernel with CONFIG_EVENT_TRACING",
  },
  records: 'states',
  control: 'shutdown',

  async run({ lab, expect, step, note }) {
    await step('one process has both sides of a connection, and closes one right after the other');
    const server = await lab.server();
    let client = await lab.client(server, { process: server });
    let close: RecordedConnection['segments'] = [];
    let pace: 'too slow' | 'prompt' = 'too slow';
    for (let tries = 1; ; tries++) {
      await lab.closeInTurn(client, server);
      close = closeOf(await lab.wire.captured(client, isClosed));
      if (betweenFins(close) < promptMs) pace = 'prompt';
      note(`connection ${tries}: ${close.length} segments`);
      if (close.length <= 3 || tries === mostTries) break;
      server.forget();
      client = await lab.client(server, { process: server });
    }

    if (close.length > 3 && pace === 'too slow')
      throw new TooSlow('the second FIN', `more than ${promptMs} ms behind the first, ${mostTries} times`);

    await step('what was captured');
    const segments = { of: client, after: 'the first FIN' } as const;
    expect.value('segments', close.length, { supports: 'C22/three', segments }).equals(3);
    const captured = inFigure(close, { sequence: 100, acknowledgment: 300 });
    const figure = [
      'client <SEQ=100> <ACK=300> <CTL=FIN,ACK>',
      'server <SEQ=300> <ACK=101> <CTL=FIN,ACK>',
      'client <SEQ=101> <ACK=301> <CTL=ACK>',
    ];
    for (const [i, line] of figure.entries())
      expect
        .value(`segment ${i + 1}`, captured[i] ?? 'nothing', {
          supports: 'C22/three',
          segments: { ...segments, shown: 'figure', line: i },
        })
        .equals(line);

    await step('the state after that one segment');
    const heard = close.filter(({ sender }) => sender === 'server').length;
    expect
      .value('segments that the client heard', heard, {
        supports: 'C25/one segment',
        otherwise: 2,
        segments: { ...segments, filter: `tcp.srcport == ${server.port}` },
      })
      .equals(1);
    await expect(client, { supports: 'C25/one segment', otherwise: 'FIN_WAIT2' }).state('TIME_WAIT');
    const states = await lab.wire.tracedStates(client, 'client');
    if (states === null) {
      note("the kernel's tracepoints cannot be read here, so the states within that moment are not seen");
      note('that needs root, and a kernel with CONFIG_EVENT_TRACING');
    } else {
      // The tracepoint does not show TIME_WAIT, which is another kind of socket: the check above does.
      const before = states.slice(states.indexOf('FIN_WAIT1')).filter((state) => !isOver(state));
      expect
        .value('its states, from the tracepoint', before.join(', '), {
          refutes: 'C25',
          otherwise: 'FIN_WAIT1',
          derived: {
            ...{ from: 'trace', of: client },
            jq: 'map(.new) | .[index("FIN_WAIT1"):] - ["TIME_WAIT", "CLOSE"] | join(", ")',
          },
        })
        .equals('FIN_WAIT1, FIN_WAIT2');
    }
    await expect(server).gone();
  },
});

function closeOf({ segments }: RecordedConnection): RecordedConnection['segments'] {
  const at = segments.findIndex((segment) => has(segment, 'FIN'));
  return at === -1 ? [] : segments.slice(at);
}

/** In milliseconds; 0 without two of them. */
function betweenFins(close: RecordedConnection['segments']): number {
  const [first, second] = close.filter((segment) => has(segment, 'FIN'));
  return first === undefined || second === undefined ? 0 : second.at - first.at;
}

/** Both FINs are there, and the last ACK, which has none. */
function isClosed({ segments }: RecordedConnection): boolean {
  const fins = segments.filter((segment) => has(segment, 'FIN')).length;
  const last = segments.at(-1);
  return fins === 2 && last !== undefined && !has(last, 'FIN');
}

function isOver(state: string): boolean {
  return state === 'TIME_WAIT' || state === 'CLOSED';
}
