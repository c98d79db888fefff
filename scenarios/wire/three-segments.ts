import { has, inFigure, type RecordedConnection, scenario } from '../../src/index.ts';

export default scenario({
  title: 'Three segments, when ACK and FIN share one',
  claim:
    'If the second side closes before its kernel has acknowledged the FIN of the first, one segment carries both ACK and FIN: ' +
    'it leads the first side straight from FIN_WAIT1 to TIME_WAIT.',
  source: ['RFC 9293 section 3.10.7.4 (FIN-WAIT-1 STATE)', 'Linux: tcp_rcv_state_process(), tcp_fin()'],
  decides: ['C22', 'C25'],
  needs: ['packets'],
  control: 'kill',

  async run({ lab, expect, step }) {
    await step('one process has both sides of a connection');
    const server = await lab.server();
    const client = await lab.client(server, { process: server });
    await expect(client).state('ESTABLISHED');

    await step('its end closes both, one right after the other');
    await server.kill('SIGKILL');
    const { segments } = await lab.captured(client, isClosed);
    const close = segments.slice(closeBegins(segments));
    const [active, passive] = close[0]?.sender === 'client' ? [client, server] : [server, client];

    await step('what was captured: the kernel chose which side was first');
    expect.value('segments', close.length, { supports: 'C22/three' }).equals(3);
    const captured = inFigure(close, { sequence: 100, acknowledgment: 300 });
    const figure = [
      `${active.name} <SEQ=100> <ACK=300> <CTL=FIN,ACK>`,
      `${passive.name} <SEQ=300> <ACK=101> <CTL=FIN,ACK>`,
      `${active.name} <SEQ=101> <ACK=301> <CTL=ACK>`,
    ];
    for (const [i, line] of figure.entries())
      expect.value(`segment ${i + 1}`, captured[i] ?? 'nothing', { supports: 'C22/three' }).equals(line);

    await step('and the state to which the one segment has led');
    const heard = close.filter(({ sender }) => sender === passive.name).length;
    expect.value(`segments that the ${active.name} heard`, heard, { supports: 'C25' }).equals(1);
    await expect(active, {
      supports: 'C25',
      note: 'Inside the kernel it is in FIN_WAIT2 for some microseconds, while it reads that segment.',
    }).state('TIME_WAIT');
    await expect(passive).gone();
  },
});

function closeBegins(segments: RecordedConnection['segments']): number {
  const at = segments.findIndex((segment) => has(segment, 'FIN'));
  return at === -1 ? segments.length : at;
}

/** Both FINs are there, and the last word, which has none. */
function isClosed({ segments }: RecordedConnection): boolean {
  const fins = segments.filter((segment) => has(segment, 'FIN')).length;
  const last = segments.at(-1);
  return fins === 2 && last !== undefined && !has(last, 'FIN');
}
