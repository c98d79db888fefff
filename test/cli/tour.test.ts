import { readFileSync } from 'node:fs';
import { parse } from 'valibot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tourDocument } from '../../src/report/documents/tour.ts';
import { stops } from '../../src/report/tour/stops.ts';
import { catalogue } from '../../src/scenario/catalogue.ts';
import { whyUnmet } from '../../src/scenario/needs.ts';
import { missing } from '../support/machine.ts';
import { tcpclose } from '../support/program.ts';
import { unless } from '../support/skips.ts';
import { Terminal } from '../support/terminal.ts';

const whyNoPackets = await whyUnmet('packets');

describe('the tour', () => {
  test('has ten runs of the catalogue, from four segments to a wandering duplicate', () => {
    const names = stops.map(({ scenario }) => scenario);
    expect(names).toHaveLength(10);
    expect([names[0], names.at(-1)]).toEqual(['four-segments', 'wandering-duplicate']);
    expect(names.filter((name) => !catalogue().some((entry) => entry.name === name))).toEqual([]);
    expect(new Set(names).size).toBe(10);
  });

  test('in a pipe prints the question, the run, its picture and the answer, and asks nothing', async () => {
    const { stdout, stderr, status } = await tcpclose(['tour', '2']);
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    const places = [/^2 of 10 {2}Half a close$/m, /What can the side that has sent it/, /^shut-wr /m];
    const picture = whyNoPackets === null ? [/│─ FIN ACK .*─▶│ CLOSE_WAIT$/m] : [/^no picture: /m];
    const all = [...places, ...picture, /^The client no longer sends/m].map((place) => stdout.search(place));
    expect(all).not.toContain(-1);
    if (whyNoPackets === null) expect(all).toEqual([...all].sort((a, b) => a - b));
    expect(stdout).not.toContain('Enter');
  });

  test.each(['0', '11', 'server-first', '2.5'])('refuses %s in one line', async (number) => {
    expect(await tcpclose(['tour', number])).toEqual({
      stdout: '',
      stderr: `tcpclose: "${number}" is not a stop of the tour: choose a number from 1 to 10\n`,
      status: 2,
    });
  });

  test('with --quiet prints nothing, and runs', async () => {
    expect(await tcpclose(['tour', '4', '--quiet'])).toEqual({ stdout: '', stderr: '', status: 0 });
  });
});

describe('the document of the tour', unless(whyNoPackets), () => {
  test('has the run, and an answer whose numbers are from the run', async () => {
    const { stdout, status } = await tcpclose(['tour', '8', '--json']);
    expect(status).toBe(0);
    const { stops } = parse(tourDocument, JSON.parse(stdout));
    expect(stops).toMatchObject([{ number: 8, run: { scenario: 'unread-data-resets', outcome: 'passed' } }]);
    const answer = stops[0]?.answer?.join(' ') ?? '';
    const of = (title: string) => stops[0]?.run.checks.find((check) => check.title === title)?.observed;
    expect(answer).toContain(`could read ${of('bytes read')} bytes`);
    expect(answer).toContain(`Another ${of('bytes lost')} bytes are lost`);
  });
});

describe('on a terminal', unless(missing('tmux') ?? whyNoPackets), () => {
  let terminal: Terminal;
  beforeAll(async () => {
    terminal = new Terminal(60);
    await terminal.shows(/ready>/);
  });
  afterAll(() => terminal.close());

  async function ends(status: number): Promise<void> {
    await terminal.shows(/\nready>$/);
    terminal.type('echo status=$?', 'Enter');
    await terminal.shows(new RegExp(`status=${status}\nready>$`));
    terminal.type('clear', 'Enter');
    await terminal.shows(/^ready>$/);
  }

  test('Enter starts a run and continues, a number goes to that stop, and q quits', async () => {
    terminal.type('tcpclose tour', 'Enter');
    await terminal.shows(/1 of 10[\s\S]*press Enter to start \(1 to 10: that stop, q: quit\):$/);
    terminal.type('twelve', 'Enter');
    await terminal.shows(/"twelve" is not a stop of the tour: choose[\s\S]*q: quit\):$/);
    terminal.type('2', 'Enter');
    await terminal.shows(/2 of 10 {2}Half a close[\s\S]*press Enter to start[^\n]*$/);
    terminal.type('Enter');
    const screen = await terminal.shows(/6 of 6 as expected[\s\S]*press Enter for stop 3 [^\n]*$/);
    expect(screen).toMatch(/│─ FIN ACK[^\n]*▶│ CLOSE_WAIT[\s\S]*The client no longer sends/);
    terminal.type('Enter');
    await terminal.shows(/3 of 10[\s\S]*press Enter to start[^\n]*$/);
    terminal.type('q', 'Enter');
    await ends(0);
  });

  test('Ctrl-C ends it at a question and in the middle of a run, and leaves no process', async () => {
    terminal.type('tcpclose tour 9', 'Enter');
    await terminal.shows(/9 of 10[\s\S]*q: quit\):$/);
    terminal.type('C-c');
    await ends(130);
    terminal.type('tcpclose tour 9', 'Enter');
    await terminal.shows(/q: quit\):$/);
    terminal.type('Enter');
    const screen = await terminal.shows(/2 {2}the server closes/);
    const pids = [...screen.matchAll(/pid\s+(\d+)$/gm)].map(([, pid]) => Number(pid));
    expect(pids.length).toBeGreaterThan(0);
    terminal.type('C-c');
    const after = await terminal.shows(/interrupted \(SIGINT\)[\s\S]*ready>$/);
    expect(after).not.toContain('It does not, so');
    await ends(130);
    expect(pids.filter(isAlive)).toEqual([]);
  });

  test('the end of the input ends it as q does', async () => {
    terminal.type('tcpclose tour', 'Enter');
    await terminal.shows(/q: quit\):$/);
    terminal.type('C-d');
    await ends(0);
  });
});

function isAlive(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}
