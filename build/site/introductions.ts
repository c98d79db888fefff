import type { RunDocument } from '../../src/report/documents/run.ts';
import { endpoint, moment } from '../../src/report/drawing/words.ts';
import { ifKnown, observed, timeLeft } from '../../src/report/tour/facts.ts';

type Introduction = (run: RunDocument) => readonly string[];

/** What comes before the run on the page of a scenario, for readers who know nothing of its words. Numbers are from the run's document. */
export const introductions: Readonly<Record<string, Introduction>> = { 'server-first': serverFirst };

function serverFirst(run: RunDocument): readonly string[] {
  const [connection] = run.recording?.connections ?? [];
  const server = connection && endpoint(connection.server);
  const client = connection && endpoint(connection.client);
  const killed = (who: string) =>
    timeOf(
      run.steps.flatMap(({ actions }) => actions).find((one) => one.who === who && one.verb === 'kill')?.atMs,
    );
  const became = (side: string, state: string | null) =>
    timeOf(connection?.transitions.find((one) => one.side === side && one.to === state)?.atMs);
  const bind = (step: number, title: string) =>
    run.checks.find((check) => check.step === step && check.title === title);
  const [first, second] = [bind(3, 'without SO_REUSEADDR'), bind(5, 'without SO_REUSEADDR')];
  const served = bind(7, 'with SO_REUSEADDR');
  return [
    'You stop a server and start it again. It says "Address already in use" and ends, although no program has the port any more. A minute later the same command works. This page shows a run in which that happens, and why.',
    '## Four things to know',
    '**A connection has two ends.** An end is an address and a port. The kernel of each side keeps a record of its end, and the record has a state: `ESTABLISHED` means that both can send.',
    '**The record belongs to the kernel, not to the program.** However a program ends, its kernel closes its connections for it. The record stays until the close is complete, and a while longer on one side.',
    '**A close takes a FIN from each side.** A FIN is a segment that says "I send nothing more". The other side acknowledges it, and sends its own FIN when its program closes, too.',
    '**bind() is how a server asks for its port.** The kernel checks whether something already has the port. If so, bind() fails with `EADDRINUSE`, printed as "Address already in use".',
    '## What happens in this run',
    numbered([
      ifKnown`A server listens on \`${server}\`, and a client connects to it from \`${client}\`. Both ends are \`ESTABLISHED\`.`,
      sentences(
        ifKnown`At ${killed('server')} the server is killed (SIGINT, as by Ctrl-C). Its process is gone. Its kernel sends the FIN, and when the client has acknowledged it, at ${became('server', 'FIN_WAIT2')}, the end of the server is in \`FIN_WAIT2\`: closed here, not yet closed there. No process has it.`,
        ifKnown`The end of the client is in \`CLOSE_WAIT\`: its kernel knows of the close, and its program has not closed.`,
      ),
      ifKnown`The server is started again, and at ${timeOf(first?.atMs)} it says: \`${first?.observed}\`. Nothing listens on the port. The record in \`FIN_WAIT2\` has it.`,
      sentences(
        ifKnown`At ${killed('client')} the client is killed as well. Its kernel sends the second FIN, and at ${became('server', 'TIME_WAIT')} the end of the server is in \`TIME_WAIT\`: both sides have closed, everything is acknowledged.`,
        ifKnown`Nothing is left of the client (\`${observed(run, 'client', /no socket/)}\`), but the record of the server has ${timeLeft(run, 'server')} left when it is read.`,
      ),
      ifKnown`The server is started again, and says the same at ${timeOf(second?.atMs)}: \`${second?.observed}\`. This is the usual case after a restart, and it ends by itself when \`TIME_WAIT\` does.`,
      ifKnown`Then everything starts over on another port, with a server that has set the option \`SO_REUSEADDR\` before bind(). A start without the option fails again. A start with it listens on the port at once, over \`FIN_WAIT2\` and over \`TIME_WAIT\`, and serves a new client: \`${served?.observed}\`.`,
    ]),
    '## Why the kernel keeps the record',
    'The side that closes first sends the last acknowledgment, and never learns whether that arrived. If it is lost, the other side repeats its FIN, and something must be there to answer ([lost-last-ack](./lost-last-ack.md)). Besides, a segment of the old connection may still be on its way. If the same two ports were connected again at once, it could be taken for data of the new connection ([wandering-duplicate](./wandering-duplicate.md)).',
    'So the kernel waits for twice the time that a segment is assumed to live. On Linux that is a minute, and no setting changes it ([msl](./msl.md), [fin-timeout-is-not-2msl](./fin-timeout-is-not-2msl.md)).',
    '## Why bind fails, and what helps',
    'Your server wants the port to listen, not to connect to that old client again, so the record does no harm. But bind() does not know that. `SO_REUSEADDR` tells it. The kernel compares two sockets, and both must have the option: the new one, and the old one that left the record. In steps 3 and 5 of the run only the new one has it, and bind fails.',
    'So set `SO_REUSEADDR` before bind(), in every start of the server. It does not let two servers listen on one port. Do not try to shorten `TIME_WAIT`. What fails now will work when the record is gone.',
    `\`\`\`sh\ntcpclose why 8080                    # who or what has the port, for how long, and what to do\ntcpclose restart -- node server.js   # whether your server survives a restart\n\`\`\``,
    'The same, and what comes after it, in ten runs: [the tour](../tour.md).',
  ];
}

function timeOf(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : moment(ms);
}

function sentences(...all: readonly (string | null)[]): string | null {
  return all.includes(null) ? null : all.join(' ');
}

/** @throws Error if a fact is missing: the numbers of the list are those of the run's steps */
function numbered(items: readonly (string | null)[]): string {
  const missing = items.indexOf(null);
  if (missing !== -1) throw new Error(`item ${missing + 1} has a fact that the recorded run does not show`);
  return items.map((item, i) => `${i + 1}. ${item}`).join('\n');
}
