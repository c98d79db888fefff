import type { Command } from 'commander';
import type { GenericSchema } from 'valibot';
import type { Candidate } from './completion/scripts.ts';
import type { Interruption } from './interruption.ts';

/** What a command gets besides its options. */
export interface Invocation {
  /** All arguments of the program. */
  readonly args: readonly string[];
  readonly interruption: Interruption;
  /** All commands of the program. */
  readonly commands: readonly CommandEntry[];
  /** Sets the exit status. */
  finish(status: number): void;
}

/** A file of this folder that defines a command: its options and its action. */
interface CommandModule {
  define(command: Command, invocation: Invocation): Promise<void> | void;
}

export interface CommandEntry {
  readonly name: string;
  /** What follows the name, as help shows it. */
  readonly synopsis: string;
  /** The same in the notation of commander, if it differs. */
  readonly parameters?: string;
  readonly summary: string;
  /** What exit status 0 means, and 1 if the command has it. */
  readonly statuses: readonly [asExpected: string, contradicted?: string];
  /** Those after that, if they are not those of all commands. */
  readonly otherStatuses?: readonly (readonly [status: string, meaning: string])[];
  readonly examples: readonly string[];
  load(): Promise<CommandModule>;
  /** The schema of what it prints with --json; left out by commands that print no document. */
  document?(): Promise<GenericSchema>;
  /** What may follow the name, for completion in shells; left out where it is no word that tcpclose knows. */
  candidates?(): Promise<readonly Candidate[]>;
  /** A command for programs, which help does not list. */
  readonly hidden?: true;
}

/** The commands in the order of help. */
export const commands: readonly CommandEntry[] = [
  {
    name: 'demo',
    synopsis: '<scenario-or-file>',
    summary: 'run one experiment and watch it',
    statuses: ['every check came out as expected', 'a check was contradicted'],
    examples: ['server-first', 'lost-last-ack --packets', './mine.ts --step'],
    load: () => import('./demo.ts'),
    document: async () => (await import('../report/documents/run.ts')).runDocument,
    candidates: async () => (await words()).scenarios(),
  },
  {
    name: 'list',
    synopsis: '',
    summary: 'list every scenario by topic: its claim, and what it needs',
    statuses: ['the list was printed'],
    examples: ['', '--json'],
    load: () => import('./list.ts'),
    document: async () => (await import('../report/documents/list.ts')).listDocument,
  },
  {
    name: 'explain',
    synopsis: '[word]',
    summary: 'explain a scenario, a state, an errno, an option, a setting or a counter in plain words',
    statuses: ['the word was explained'],
    examples: ['TIME_WAIT', 'EADDRINUSE', 'tcp_fin_timeout', ''],
    load: () => import('./explain.ts'),
    document: async () => (await import('../report/documents/explain.ts')).explainDocument,
    candidates: async () => (await words()).explained(),
  },
  {
    name: 'test',
    synopsis: '[scenario-topic-or-file...]',
    summary: 'run scenarios in parallel and report the results',
    statuses: ['every scenario that ran came out as expected', 'a scenario was contradicted'],
    examples: ['', 'order close', '--repeat 3 --reporter junit:report.xml'],
    load: () => import('./test.ts'),
    document: async () => (await import('../report/documents/suite.ts')).suiteDocument,
    candidates: async () => (await words()).topics(),
  },
  {
    name: 'init',
    synopsis: '',
    summary: 'write a first scenario of your own, and a workflow that runs it',
    statuses: ['the files are there; what was there before was not touched'],
    examples: ['', '--json'],
    load: () => import('./init.ts'),
    document: async () => (await import('../report/documents/init.ts')).initDocument,
  },
  {
    name: 'claims',
    synopsis: '[id...]',
    summary: 'show each claim, and whether it holds on this machine',
    statuses: ['the ledger was printed, whatever its findings'],
    examples: ['', 'C01 C11 --evidence', '--markdown'],
    load: () => import('./claims.ts'),
    document: async () => (await import('../report/documents/claims.ts')).claimsDocument,
    candidates: async () => (await words()).claimIds(),
  },
  {
    name: 'matrix',
    synopsis: '',
    summary: 'measure which binds succeed over which leftovers',
    statuses: ['the table was measured; with --diff, it is the same', 'with --diff: a cell differs'],
    examples: ['', '--json > here.json', '--diff there.json'],
    load: () => import('./matrix.ts'),
    document: async () => (await import('../report/documents/matrix.ts')).matrixDocuments,
  },
  {
    name: 'restart',
    synopsis: '-- <command...>',
    parameters: '<command...>',
    summary: 'test whether your server survives a restart, and show why if it does not',
    statuses: [
      'the server survives, and with --load loses no more than --allow-loss',
      'the server does not survive, or loses more',
    ],
    examples: [
      '-- node server.js',
      '--all --rounds 5 -- npm run start',
      '--signal KILL --json -- ./server',
      "--reload HUP -- nginx -g 'daemon off;'",
    ],
    load: () => import('./restart.ts'),
    document: async () => (await import('../report/documents/restart.ts')).restartDocument,
  },
  {
    name: 'idle',
    synopsis: '<port|url|-- command...>',
    parameters: '[words...]',
    summary: 'measure when a server closes idle connections, and whether its clients give up first',
    statuses: ['no race is possible', 'a race is possible'],
    examples: [
      '8080 --client aws-alb',
      'http://box:8080/health --client-idle 60s',
      '--client nginx -- node server.js',
    ],
    load: () => import('./idle.ts'),
    document: async () => (await import('../report/documents/idle.ts')).idleDocument,
  },
  {
    name: 'why',
    synopsis: '[port-url-or-socket...]',
    summary:
      'show who or what holds a port, what is the matter with it, and what to do; without one all listeners',
    statuses: ['the port can be bound', 'the port is held, or may not be bound'],
    examples: [
      '8080',
      'http://localhost:8080/x',
      '/run/app.sock',
      '8080 --kill',
      '8080 --wait 90s',
      "8080 --on 'ssh box'",
      '',
    ],
    load: () => import('./why.ts'),
    document: async () => (await import('../report/documents/why-answers.ts')).whyDocument,
  },
  {
    name: 'run',
    synopsis: '-- <command...>',
    parameters: '<command...>',
    summary: 'run a command, and say who holds the port at the moment at which a bind below it fails',
    statuses: ['the command ended with 0, whatever failed below it'],
    otherStatuses: [
      ['2', 'bad usage, or the process that watches has ended; or that of the command'],
      ['126, 127', 'the command may not be executed, or was not found'],
      ['other', 'that of the command; 128 plus the number of the signal that ended it'],
    ],
    examples: [
      '-- npm test',
      '--reporter github -- npx vitest run',
      '--reporter json:binds.json -- make check',
    ],
    load: () => import('./run.ts'),
    document: async () => (await import('../report/documents/run-command.ts')).runCommandDocument,
  },
  {
    name: 'watch',
    synopsis: '<port|--all>',
    parameters: '[port]',
    summary: 'show the connections of a port live: states, ages, rates, processes, remotes, transitions',
    statuses: ['the end was reached', '--until did not hold in time'],
    examples: ['8080', '8080 --until TIME_WAIT=0', '8080 --for 10s --json', '--all'],
    load: () => import('./watch.ts'),
    document: async () => (await import('../report/documents/watch.ts')).watchDocument,
  },
  {
    name: 'render',
    synopsis: '<document...>',
    summary: 'show a document saved by --json as a page, a picture or a report',
    statuses: ['the document was shown'],
    examples: [
      'run.json --reporter html:run.html --open',
      'results.json --reporter junit:results.xml',
      'a.json b.json --reporter html:both.html',
    ],
    load: () => import('./render.ts'),
  },
  {
    name: 'audit',
    synopsis: '',
    summary: 'show everything that is wrong with the connections of this machine, worst first',
    statuses: ['nothing is wrong', 'something is wrong'],
    examples: ['', '--port 8080 --for 10s', '--remote 10.0.0.2:5432', "--on 'ssh box'"],
    load: () => import('./audit.ts'),
    document: async () => (await import('../report/documents/audit.ts')).auditDocument,
  },
  {
    name: 'merge',
    synopsis: '<file...>',
    summary: 'make one report of the audits and ledgers of many hosts: what they share, and which differ',
    statuses: ['all documents were merged'],
    examples: ['hosts/*.json', '--by-file pods/*.json', '- < all.ndjson'],
    load: () => import('./merge.ts'),
    document: async () => (await import('../report/documents/merge.ts')).mergeDocument,
  },
  {
    name: 'doctor',
    synopsis: '',
    summary: 'show what this machine allows, and what each missing thing costs',
    statuses: ['the machine was examined, whatever is missing'],
    examples: ['', '--json'],
    load: () => import('./doctor.ts'),
    document: async () => (await import('../report/documents/doctor.ts')).doctorDocument,
  },
  {
    name: 'completion',
    synopsis: '<shell>',
    parameters: '',
    summary: 'print the completion script for bash, zsh or fish',
    statuses: ['the script was printed'],
    examples: [
      'bash >> ~/.bashrc',
      'zsh > ~/.zfunc/_tcpclose',
      'fish > ~/.config/fish/completions/tcpclose.fish',
    ],
    load: () => import('./completion.ts'),
    candidates: async () => (await words()).shellNames(),
  },
  {
    name: 'complete',
    synopsis: '<shell> -- [word...]',
    parameters: '',
    summary: 'print what could follow these words, for the scripts of "tcpclose completion"',
    statuses: ['the candidates were printed'],
    examples: ["bash -- demo ''"],
    load: () => import('./complete.ts'),
    hidden: true,
  },
];

const words = () => import('./completion/words.ts');
