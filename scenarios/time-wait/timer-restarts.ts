import { integer, type Measured, scenario, type TimerReading, TooSlow } from '../../src/index.ts';
import { answersOf, finsAndAnswers } from '../../src/kit/kit.ts';

/** TCP_TIMEWAIT_LEN of <net/tcp.h>. */
const wholeMs = 60_000;
/** Kernel timers advance in ticks of up to 10 ms. */
const tickMs = 10;
/** Half of the shortest time between two FINs (TCP_RTO_MIN): without a restart a reading is off by that at least. */
const tellingMs = 100;
/** Six repeats come within 13 s, and TIME_WAIT is there for all of that time. */
const timeForOneMs = 8000;

export default scenario({
  title: 'Every repeated FIN restarts the wait',
  claim:
    'Each time TIME_WAIT receives a repeated FIN, the wait begins again: the time left and the time since that FIN add up ' +
    'to one whole wait.',
  source: [
    'RFC 9293 section 3.10.7.4 (TIME-WAIT STATE)',
    'Linux: tcp_timewait_state_process(), inet_twsk_reschedule()',
  ],
  decides: ['C14'],
  needs: ['packets'],
  control: 'deafen',
  takes: 4,
  parameters: { repeats: integer(3, { min: 2, max: 6 }, 'repeat the FIN n times') },

  async run({ lab, expect, step, repeats }) {
    await step('TIME_WAIT at the client, and a server that does not hear the last ACK');
    const server = await lab.server();
    const client = await lab.client(server);
    await client.end();
    await expect(client).state('FIN_WAIT2');
    await server.deafen('bare ACKs');
    await server.shutdown('write');
    await expect(client).state('TIME_WAIT', { timer: 'timewait' });

    await step(`the FIN is repeated ${repeats} times, and the timer is read between`);
    const readings: TimerReading[] = [];
    let repeated = 0;
    let restarts: Restart[] = [];
    for (const deadline = performance.now() + repeats * timeForOneMs; performance.now() < deadline; ) {
      readings.push(...(await client.measure.timerReadings(tellingMs / 2)));
      const { segments } = await lab.wire.captured(client);
      const fins = finsAndAnswers(segments, 'server').map(({ fin }) => fin.at);
      repeated = fins.length - 1;
      restarts = restartsIn(fins, readings);
      if (restarts.length >= repeats) break;
    }

    await step('what the timer was, counted from each of them');
    expect.value('repeated FINs', repeated).atLeast(repeats);
    if (restarts.length < repeats && repeated >= repeats)
      throw new TooSlow(
        'the timer behind each repeated FIN',
        `read in time behind ${restarts.length} of ${repeated}`,
      );
    for (const { repeat, earlyMs, finAt, askedAt } of restarts)
      expect
        .span(`repeated FIN ${repeat}: the wait ends before 60 s by`, earlyMs, {
          supports: 'C14',
          uncontrolled: 'without a repeated FIN there is nothing to measure: "repeated FINs" shows that',
          otherwise: { atLeast: tellingMs },
          derived: {
            from: 'answers',
            // The time of the FIN is that of its packet.
            jq: [
              `${answersOf(client, 'lookUp')} | map(select(.askedMs >= ${askedAt})) | first`,
              `(${wholeMs} - .result.leftMs + ${finAt}) as $whole`,
              `[$whole - .answeredMs - ${tickMs}, $whole - .askedMs + ${tickMs}]`,
            ].join(' | '),
          },
        })
        .between(-tellingMs, tellingMs);
  },
});

/** How much less than a whole wait the time since a repeated FIN and the time left are together. */
interface Restart {
  readonly repeat: number;
  readonly earlyMs: Measured;
  /** When that FIN was captured. */
  readonly finAt: number;
  /** When the reading of the timer began. */
  readonly askedAt: number;
}

/** Of the repeated FINs before whose successor the timer was read fast enough; the last FIN of a slow machine is far from the next. */
function restartsIn(fins: readonly number[], readings: readonly TimerReading[]): Restart[] {
  return fins.flatMap((at, repeat) => {
    const until = fins[repeat + 1] ?? Number.POSITIVE_INFINITY;
    const [fastest] = readings
      .filter(({ askedAt, doneAt }) => askedAt > at && doneAt < until && doneAt - askedAt < tellingMs / 2)
      .toSorted((a, b) => a.doneAt - a.askedAt - (b.doneAt - b.askedAt));
    if (repeat === 0 || fastest === undefined) return [];
    const { askedAt, doneAt, leftMs } = fastest;
    const early = { leastMs: wholeMs - leftMs - (doneAt - at), mostMs: wholeMs - leftMs - (askedAt - at) };
    return [
      {
        repeat,
        finAt: at,
        askedAt,
        earlyMs: { leastMs: early.leastMs - tickMs, mostMs: early.mostMs + tickMs },
      },
    ];
  });
}
