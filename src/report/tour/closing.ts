/** The first half of the tour: how a connection ends, and why bind fails afterwards. */
import { counted, ifKnown, isFin, segments, timeLeft } from './facts.ts';
import type { Stop } from './stop.ts';

export const closing: readonly Stop[] = [
  {
    scenario: 'four-segments',
    title: 'A close in four segments',
    question: [
      'Two programs are connected, and one of them closes. What do the two kernels send each other to end the connection?',
      'In the ladder time goes down. The client is on the left, the server on the right, and an arrow is a segment. Look for the flag FIN, and for the states at both edges.',
    ],
    answer: (run) => {
      const all = segments(run, 0);
      const fin = all.find(isFin);
      const close = fin === undefined ? [] : all.slice(all.indexOf(fin));
      const number = fin === undefined ? undefined : fin.sequence + fin.length;
      return [
        [
          'Each direction ends on its own. The client sends FIN: "I send nothing more". The server acknowledges it, closes as well and sends a FIN of its own, which the client acknowledges.',
          ifKnown`These are the ${close.length || undefined} segments after the data.`,
          ifKnown`A FIN takes one sequence number, as a byte does, so that it can be acknowledged and sent again: the FIN with number ${number} is acknowledged by ack ${number === undefined ? undefined : number + 1}.`,
        ],
        [
          'The client has closed first, and its end is left in TIME_WAIT: no process has it, only the kernel.',
          ifKnown`It had ${timeLeft(run, 'client')} left when it was looked at.`,
          'Nothing is left of the end of the server.',
        ],
      ];
    },
  },
  {
    scenario: 'shut-wr',
    title: 'Half a close',
    question: [
      'A FIN ends one direction. What can the side that has sent it still do, and what can the other side do?',
      'The client sends a question, and ends its direction with shutdown(SHUT_WR). The server answers after that.',
    ],
    answer: () => [
      [
        'The client no longer sends, but it still receives: the answer arrives after its own FIN. Its state is FIN_WAIT2: "my FIN has arrived, and the other side has not closed".',
        'Meanwhile the server is in CLOSE_WAIT: "the other side has ended, and my program has not closed". It still sends.',
      ],
      [
        'So the states say who must act next: CLOSE_WAIT waits for the program on this side, FIN_WAIT2 for the one on the other side.',
      ],
    ],
  },
  {
    scenario: 'server-first',
    title: 'A server is killed, and bind fails',
    question: [
      'A server is killed while a client is connected. Its process is gone, and nothing listens on its port any more. It is started again at once. Why should it not get its port?',
    ],
    connections: 2,
    answer: (run) => [
      [
        'The process is gone, the connection is not. When the server was killed, its kernel closed the connection for it, and sent the FIN first. What remains of it has no process: FIN_WAIT2 as long as the client keeps its own end open, then TIME_WAIT.',
        ifKnown`TIME_WAIT had ${timeLeft(run, 'server')} left when it was looked at: it ends by itself.`,
      ],
      [
        'This remainder still has the port of the server as its own. bind() looks for everything that has the port, finds it, and says "Address already in use" (EADDRINUSE). There is no process that could be ended to free the port.',
      ],
      [
        'SO_REUSEADDR tells bind() that such remainders do not matter, but both sides of the comparison must have it: the old socket, whose connection remains, and the new one. In steps 3 and 5 only the new one has it, and bind fails. From step 6 on the first server had it as well, and the restarted server serves a new client at once.',
      ],
    ],
  },
  {
    scenario: 'client-first',
    title: 'The same, but the client ends first',
    question: [
      'Now the client is killed first. The server reads the end and closes, and only then is it killed and started again. Where is TIME_WAIT now?',
    ],
    answer: (run) => [
      [
        'At the port of the client: TIME_WAIT belongs to the side that closes first.',
        ifKnown`It had ${timeLeft(run, 'client')} left there when it was looked at.`,
        'Nothing remains at the port of the server, and the new server binds it at once, although neither socket has SO_REUSEADDR.',
      ],
      [
        'So a restart fails because of the order of two closes. A server that has to stop cannot choose that order for clients which stay connected. That is why it needs the option.',
      ],
    ],
  },
  {
    scenario: 'old-and-new',
    title: 'Which socket needs the option',
    question: [
      'A bind over TIME_WAIT can succeed. Is it enough if the restarted server sets SO_REUSEADDR? Must the old one have set it? And what of SO_REUSEPORT?',
    ],
    connections: 1,
    answer: (run) => {
      const binds = counted(run, /^bind with /, /(?:)/);
      const ok = counted(run, /^bind with /, /^ok$/);
      return [
        [
          'Both must have set it. The kernel keeps the options of the old socket in its TIME_WAIT and compares them with those of the new one. They must have SO_REUSEADDR in common, or SO_REUSEPORT.',
          ifKnown`Of ${binds} binds ${ok} succeeded, and those are the ones with an option in common.`,
        ],
        [
          'An option that is set on the restarted server alone comes too late. Set it before bind() in every start, then each connection that a start leaves already has it. Node and most web servers do so by themselves; a plain socket of C or Python does not.',
        ],
      ];
    },
  },
];
