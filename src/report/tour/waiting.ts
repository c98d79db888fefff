/** The second half of the tour: other ends of a connection, and what TIME_WAIT is for. */
import { gaps, ifKnown, isFin, observed, replays, segments, timeLeft } from './facts.ts';
import type { Stop } from './stop.ts';

export const waiting: readonly Stop[] = [
  {
    scenario: 'simultaneous',
    title: 'Both close at once',
    question: [
      'TIME_WAIT belongs to the side that closes first. What if each side closes before it has seen the FIN of the other?',
      'That is hard to catch. Here both sides have sent more than the other reads, so that each FIN has to wait behind data.',
    ],
    answer: (run) => [
      [
        'Then both have closed first, and both end in TIME_WAIT.',
        ifKnown`The client had ${timeLeft(run, 'client')} left, the server ${timeLeft(run, 'server')}.`,
      ],
      [
        'The client passes through CLOSING: the FIN of the server has arrived, the acknowledgment of its own has not. The server gets that acknowledgment before the FIN of the client, and so passes through FIN_WAIT2 as usual.',
      ],
    ],
  },
  {
    scenario: 'close-wait-leak',
    title: 'A program that never closes',
    question: [
      'A client leaves, and the server reads the end. What if the server then forgets to call close()? What ends its side?',
    ],
    connections: 1,
    answer: (run) => [
      [
        'Nothing does. Its end stays in CLOSE_WAIT, without any timer, as long as its process lives.',
        ifKnown`After two waves of clients the kernel had ${/^(\d+) x/.exec(observed(run, 'leaking server', /after/) ?? '')?.[1]} of them, and the process had ${observed(run, 'descriptors leaked')} descriptors more than before.`,
        'When descriptors run out, accept() fails.',
      ],
      [
        'TIME_WAIT is different: the kernel keeps it, without a process, and it ends by itself. Many TIME_WAITs are usual, many CLOSE_WAITs are a bug of the program that has them. No setting of the kernel helps.',
      ],
    ],
  },
  {
    scenario: 'unread-data-resets',
    title: 'A close without FIN',
    question: [
      'Does every close send FIN and leave TIME_WAIT? Here the client has one byte that it has not read, and data on its way to the server. Then it closes.',
    ],
    answer: (run) => [
      [
        'Its kernel sends RST instead of FIN: data was thrown away, and the other side must know. A RST is not acknowledged and not repeated, and it ends both sides at once. Nothing remains that could block a bind.',
      ],
      [
        'That has a price.',
        ifKnown`The server could read ${observed(run, 'bytes read')} bytes, and then got ECONNRESET. Another ${observed(run, 'bytes lost')} bytes are lost, although the client had sent them without an error.`,
        'SO_LINGER with 0 seconds makes every close end like this. It avoids TIME_WAIT, and it loses data.',
      ],
    ],
  },
  {
    scenario: 'lost-last-ack',
    title: 'What TIME_WAIT is for: the last ACK is lost',
    question: [
      'Nothing acknowledges the last ACK of a close. Suppose that it is lost: how does the other side learn that its FIN has arrived?',
      'Arrows that end in a cross arrived, and were dropped before the server had them.',
    ],
    answer: (run) => {
      const fins = segments(run, 0).filter((segment) => isFin(segment) && segment.from === 'server');
      const { first, last } = gaps(fins);
      return [
        [
          'It does not, so it sends its FIN again.',
          ifKnown`${fins.length || undefined} FINs of the server were captured, the second one ${first} after the first, the last one ${last} after the one before.`,
          'TIME_WAIT is there to answer each of them with an ACK. As soon as the server hears one, it is done.',
        ],
        [
          'Without TIME_WAIT the connection would be unknown: a RST would answer, and the server would get an error at the end of a transfer that went well. "tcpclose demo repeated-fin-meets-reset" shows that.',
        ],
      ];
    },
  },
  {
    scenario: 'wandering-duplicate',
    title: 'What TIME_WAIT is for: the wandering duplicate',
    question: [
      'A segment can be delayed and arrive when its connection is long over. What if the same two ports are connected again by then?',
      'This run has turned off both protections, TIME_WAIT and timestamps. A segment of the first connection is then sent again: the dashed arrow.',
    ],
    answer: (run) => {
      const replayed = replays(run)[0];
      return [
        [
          'The new connection takes it for its own, because ports and numbers fit.',
          ifKnown`The old segment brings ${replayed?.length} bytes. When the real bytes for the same place arrive, the kernel already has them, and drops them as a repetition.`,
        ],
        [
          ifKnown`The server reads ${observed(run, 'bytes read')} bytes, as many as were sent, and gets no error.`,
          'They are not the bytes that were sent: the checksum differs. Neither program would notice.',
        ],
        [
          'That is why a pair of ports rests for a while after a close: until every old segment must be gone. TIME_WAIT is this time. It is not a fault of your server, and no setting should abolish it; set SO_REUSEADDR, and it does not stop a restart. "tcpclose demo refused-by-time-wait" and "tcpclose demo refused-by-timestamps" show the two protections at work.',
        ],
      ];
    },
  },
];
