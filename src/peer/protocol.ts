/**
 * What tcpclose and a peer say to each other: JSON, one message a line. tcpclose writes commands to the peer's standard
 * input; the peer writes an answer to each, and events, to its standard output. Both sides check what they read against
 * the schemas below.
 */
import * as v from 'valibot';
import type { Measured } from '../measured.ts';
import { deafnesses } from '../native/filter.ts';
import { type SocketOption, socketOptionNames } from '../native/options.ts';
import { states } from '../state.ts';
import { remainsNames } from './remains.ts';
import type {
  BlockResult,
  Conduct,
  ProbeResult,
  ReadResult,
  ReceiveResult,
  Retransmissions,
  SendResult,
} from './results.ts';

/** JSON has no infinity, and yet 1e999 is read as one. */
const number = v.pipe(v.number(), v.finite());
const port = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65535));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const onOff = v.picklist(['on', 'off']);
const errno = v.string();
const endpoint = v.object({ address: v.string(), port });
const options = v.partial(
  v.object(
    Object.fromEntries(socketOptionNames.map((name) => [name, v.number()])) as Record<
      SocketOption,
      v.NumberSchema<undefined>
    >,
  ),
);

const conduct: v.OptionalSchema<v.GenericSchema<Conduct>, 'idle'> = v.optional(
  v.picklist(['idle', 'reads', 'echoes', 'leaks']),
  'idle',
);

/** A socket of the peer: 0 is its listener, the others are numbered as they appear. */
const socket = count;
export const listenerSocket = 0;

const binding = {
  host: v.string(),
  reuseAddress: onOff,
  reusePort: v.optional(onOff, 'off'),
  /** IPV6_V6ONLY; left as the system has it if not given. */
  v6Only: v.optional(onOff),
};

const nothing = v.object({});

const shortConnections = {
  closer: v.picklist(['server', 'client']),
  linger: v.union([v.literal('off'), count]),
};

const readResult: v.GenericSchema<ReadResult> = v.object({
  bytes: count,
  sha256: v.string(),
  text: v.string(),
  ended: v.picklist(['enough', 'end', 'error']),
  error: v.nullable(errno),
});
const sendResult: v.GenericSchema<SendResult> = v.object({ bytes: count, errno: v.nullable(errno) });
const receiveResult: v.GenericSchema<ReceiveResult> = v.object({
  bytes: count,
  text: v.string(),
  errno: v.nullable(errno),
});
const blockResult: v.GenericSchema<BlockResult> = v.object({
  bytes: count,
  errno: v.nullable(errno),
  blockedMs: number,
});
const probeResult: v.GenericSchema<ProbeResult> = v.object({
  bind: v.string(),
  listen: v.nullable(v.string()),
});

const measured: v.GenericSchema<Measured> = v.object({ leastMs: number, mostMs: number });
const retransmissions: v.GenericSchema<Retransmissions> = v.object({
  sentAgain: v.array(v.nullable(measured)),
  gone: v.nullable(measured),
});

/** Every command: what it asks for, and what the peer answers. */
export const vocabulary = {
  /** Makes the peer a server. With remnants `refused` the port must be free of every socket, also of those that SO_REUSEADDR passes over. */
  listen: {
    asks: v.object({
      ...binding,
      port,
      remnants: v.optional(v.picklist(['tolerated', 'refused']), 'tolerated'),
      backlog: count,
      options: v.optional(options, {}),
      conduct,
      /** `later`: the kernel completes connections, and they wait in the accept queue until `accept`. */
      accepting: v.optional(v.picklist(['at once', 'later']), 'at once'),
      /** For thousands of connections, of which none is told or kept. */
      shortConnections: v.optional(v.object(shortConnections)),
    }),
    answers: endpoint,
  },
  /** Answers when all that had reached the process before has been dealt with. */
  catchUp: { asks: nothing, answers: nothing },
  /** Begins to look at a pair again and again; answers after the first look. `closeWatched` tells what came of it. */
  watchClose: { asks: v.object({ local: endpoint, remote: endpoint, timeoutMs: count }), answers: nothing },
  /** How long the socket of the pair was closed, and still held: for so long close(2) waited. */
  closeWatched: { asks: nothing, answers: measured },
  /** Begins to accept after `accepting: 'later'`. */
  accept: { asks: nothing, answers: nothing },
  connect: {
    asks: v.object({
      host: v.string(),
      port,
      localAddress: v.optional(v.string()),
      localPort: v.optional(port),
      /** On the local port. Node sets SO_REUSEADDR whenever a local port is chosen; here it is as told. */
      reuseAddress: v.optional(onOff, 'off'),
      reusePort: v.optional(onOff, 'off'),
      options: v.optional(options, {}),
      /** The sequence number of its SYN; the kernel's choice if not given. */
      initialSequence: v.optional(count),
      conduct,
      timeoutMs: count,
    }),
    answers: v.object({ socket, local: endpoint, remote: endpoint }),
  },
  /** `text` or `bytes` of filler; answers when the kernel has taken it all, or, with `queued`, at once. */
  write: {
    asks: v.object({
      socket,
      text: v.optional(v.string()),
      bytes: v.optional(count),
      until: v.optional(v.picklist(['flushed', 'queued']), 'flushed'),
    }),
    /** `inKernel`: what the kernel has taken so far. */
    answers: v.object({ bytes: count, inKernel: count }),
  },
  /** Reads through the net.Socket until that many bytes (default: the end), counted from the start of the connection's data. */
  read: {
    asks: v.object({ socket, bytes: v.optional(count), timeoutMs: count }),
    answers: readResult,
  },
  /** send(2) once, without blocking: bytes taken, or errno. */
  send: {
    asks: v.object({ socket, text: v.optional(v.string()), bytes: v.optional(count) }),
    answers: sendResult,
  },
  /** recv(2) once, without blocking: bytes read, 0 of them at the end, or errno. */
  receive: {
    asks: v.object({ socket, most: count }),
    answers: receiveResult,
  },
  /** recv(2) or send(2) once on a blocking descriptor: how long it took, beside what it gave. */
  blockIn: {
    asks: v.object({ socket, call: v.picklist(['recv', 'send']), bytes: count }),
    answers: blockResult,
  },
  /** Passes bytes to and fro between two sockets of this peer, so many in each round, as fast as it can. */
  exchange: {
    asks: v.object({ sockets: v.tuple([socket, socket]), rounds: count, bytes: count }),
    answers: nothing,
  },
  /** Closes two sockets of this peer that are the two sides of a connection, the second as soon as it has heard of the first. */
  closeInTurn: { asks: v.object({ sockets: v.tuple([socket, socket]) }), answers: nothing },
  /** How many segments the kernel has dropped at the socket: what a deaf one did not hear. */
  drops: { asks: v.object({ socket }), answers: v.object({ drops: count }) },
  /** send(2) until the kernel takes no more. */
  fill: { asks: v.object({ socket }), answers: v.object({ bytes: count }) },
  /** socket.end(): what is queued, then FIN. Answers when shutdown(2) has been made. */
  end: { asks: v.object({ socket }), answers: nothing },
  /** socket.destroy(). `blockedMs`: how long close(2) held the process up. */
  destroy: { asks: v.object({ socket }), answers: v.object({ blockedMs: number }) },
  /** socket.resetAndDestroy(): RST. */
  reset: { asks: v.object({ socket }), answers: nothing },
  /** Stops listening; accepted connections stay. */
  stopListening: { asks: nothing, answers: nothing },
  /** shutdown(2), past the net.Socket. */
  shutdown: { asks: v.object({ socket, how: v.picklist(['read', 'write', 'both']) }), answers: nothing },
  setOption: {
    asks: v.object({ socket, name: v.picklist(socketOptionNames), value: number }),
    answers: nothing,
  },
  /** In the units of native/options.ts. */
  options: {
    asks: v.object({ socket, names: v.array(v.picklist(socketOptionNames)) }),
    answers: v.object({ values: v.array(number) }),
  },
  /** Binds, and if told listens, on a socket of its own, and closes it at once. */
  probe: {
    asks: v.object({ ...binding, port, listen: v.optional(v.picklist(['too', 'not']), 'not') }),
    answers: probeResult,
  },
  /** Cells of the bind truth table: each group is made on a port of its own, looked at, and bound over with each of `news`. */
  bindCells: {
    asks: v.object({
      groups: v.array(
        v.object({
          remains: v.picklist(remainsNames),
          old: v.object({ reuseAddress: onOff, reusePort: onOff }),
          addresses: v.object({
            old: v.string(),
            new: v.string(),
            peer: v.string(),
            oldV6Only: v.boolean(),
            newV6Only: v.boolean(),
          }),
        }),
      ),
      news: v.array(v.object({ reuseAddress: onOff, reusePort: onOff })),
      ports: v.array(port),
    }),
    answers: v.object({
      groups: v.array(
        v.array(v.object({ state: v.string(), bind: v.string(), listen: v.nullable(v.string()) })),
      ),
    }),
  },
  /** getsockopt(TCP_INFO), in milliseconds. */
  info: {
    asks: v.object({ socket }),
    answers: v.object({
      rtoMs: number,
      lastDataSentMs: number,
      rttMs: number,
      totalRetransmissions: count,
    }),
  },
  /** How long the timer of the socket with this pair still runs; null where there is none. Asked and taken on the peer's own clock. */
  lookUp: {
    asks: v.object({ local: endpoint, remote: endpoint }),
    answers: v.object({ leftMs: v.nullable(number), askedMs: number, takenMs: number }),
  },
  /** When data of this socket with this pair was sent again, and when the pair was gone, in milliseconds from now on. */
  watchRetransmissions: {
    asks: v.object({ socket, local: endpoint, remote: endpoint, timeoutMs: count }),
    answers: retransmissions,
  },
  /** Begins to open many short connections; answers at once. */
  churn: {
    asks: v.object({
      ...shortConnections,
      targets: v.array(endpoint),
      connections: count,
      concurrency: count,
      timeoutMs: count,
    }),
    answers: nothing,
  },
  /** What has become of them so far. */
  churnProgress: {
    asks: nothing,
    answers: v.object({
      done: count,
      connected: count,
      outcomes: v.record(v.string(), count),
      ranMs: number,
      state: v.picklist(['running', 'over']),
    }),
  },
  /** How long connect(2) took, for each of so many one after the other. */
  connectTimes: {
    asks: v.object({ target: endpoint, connections: count }),
    answers: v.object({ microseconds: v.array(number) }),
  },
  /** How much memory the process has. */
  memory: { asks: nothing, answers: v.object({ residentBytes: count }) },
  /** What the socket does not hear from now on, though it arrives; `nothing` ends that. */
  deaf: { asks: v.object({ socket, to: v.picklist([...deafnesses, 'nothing']) }), answers: nothing },
  /** Starts a process that holds the connection, too. */
  share: { asks: v.object({ socket }), answers: v.object({ pid: count }) },
  /** Ends such a process. */
  unshare: { asks: v.object({ pid: count }), answers: nothing },
  /** Has the kernel destroy the socket with this pair, whosever it is. */
  destroySocket: {
    asks: v.object({ local: endpoint, remote: endpoint }),
    answers: v.object({ destroyed: v.boolean() }),
  },
  /** Records all packets that arrive in the network of the peer, and if told the states of their connections, as events. */
  capture: {
    asks: v.object({
      /** `asked around`: before and after each segment, which waits for that, where the kernel lets it. */
      states: v.picklist(['asked around', 'asked often', 'ignored']),
      /** How much of each packet is told. */
      data: v.picklist(['whole', 'headers', 'nothing']),
    }),
    answers: v.object({
      /** Why segments do not wait until the states of both sides are known; null where they do. */
      whyNotHeld: v.nullable(v.string()),
    }),
  },
  /** All of a packet that was told, by its number in the order of arrival. */
  packet: { asks: v.object({ number: count }), answers: v.object({ data: v.string() }) },
  /** Everything that has arrived since the last time has been told as events when the answer comes. */
  flush: {
    /** Whether nothing is recorded any more, and nothing waits. */
    asks: v.object({ last: v.boolean() }),
    answers: v.object({
      /** Packets that the kernel had no room for. */
      dropped: count,
      /** Segments of connections that were too many for their states to be watched. */
      unwatched: count,
      /** Segments that did not wait, since too many did. */
      passed: count,
    }),
  },
  /** Whatever waited has been let go, and the kernel has processed it, when the answer comes, unless more came all the time. */
  settle: {
    asks: nothing,
    /** How much there was; what was let go may wait elsewhere. */
    answers: v.object({ events: count }),
  },
  /** Sends IP packets as they are, each in Base64, towards an address. */
  inject: { asks: v.object({ to: endpoint, packets: v.array(v.string()) }), answers: nothing },
  /** Records the changes of state of connections with these ports at either end from the kernel's tracepoints, as events. */
  trace: { asks: v.object({ ports: v.array(port) }), answers: nothing },
  /** Every change so far has been told as an event when the answer comes. */
  traced: {
    /** Whether nothing is recorded any more. */
    asks: v.object({ last: v.boolean() }),
    answers: nothing,
  },
  /** Brings loopback up, in a network that is new. */
  raiseLoopback: { asks: nothing, answers: nothing },
  /** The process takes the core from nobody any more when it wakes up. */
  giveWay: { asks: nothing, answers: nothing },
  /** Makes a folder for temporary files, which is removed when the process ends. */
  makeFolder: { asks: nothing, answers: v.object({ path: v.string() }) },
  /** The current folder, where a core dump is left. */
  changeFolder: { asks: v.object({ path: v.string() }), answers: nothing },
  /** Takes so much memory and fills it, to make a core dump large. */
  takeMemory: { asks: v.object({ bytes: count }), answers: nothing },
  /** How many descriptors the process has open. */
  openDescriptors: { asks: nothing, answers: v.object({ descriptors: count }) },
  /** RLIMIT_CORE of the process, in bytes. */
  limitCoreDump: { asks: v.object({ bytes: count }), answers: nothing },
  /** Ends the process, in one of the ways processes end. No answer comes. */
  die: { asks: v.object({ by: v.string() }), answers: nothing },
} as const;

export type CommandName = keyof typeof vocabulary;
export type Params<Name extends CommandName> = v.InferInput<(typeof vocabulary)[Name]['asks']>;
export type ParsedParams<Name extends CommandName> = v.InferOutput<(typeof vocabulary)[Name]['asks']>;
export type Result<Name extends CommandName> = v.InferOutput<(typeof vocabulary)[Name]['answers']>;

const id = count;

/** Times are milliseconds of CLOCK_MONOTONIC; packets begin with their IP header, in Base64. */
const packets = v.object({
  type: v.literal('packets'),
  packets: v.array(v.object({ at: number, data: v.string() })),
});

/**
 * No state stands for no socket. The change came after `notBefore`, where that is known, and at `at` at the latest; when the
 * kernel had processed the segment with that header, and that time of arrival, where that is known.
 */
const sightings = v.object({
  type: v.literal('sightings'),
  sightings: v.array(
    v.object({
      notBefore: v.nullable(number),
      at: number,
      processed: v.nullable(v.object({ at: number, header: v.string() })),
      local: endpoint,
      remote: endpoint,
      socket: v.string(),
      from: v.nullable(v.picklist(states)),
      to: v.nullable(v.picklist(states)),
    }),
  ),
});

export type PacketsMessage = v.InferOutput<typeof packets>;
export type SightingsMessage = v.InferOutput<typeof sightings>;

export const commandMessage = v.object({
  id,
  do: v.picklist(Object.keys(vocabulary) as CommandName[]),
  with: v.unknown(),
});

/** What a command failed with: the system call, where one failed, and its errno. */
const failure = v.object({ call: v.nullable(v.string()), errno: v.nullable(errno), message: v.string() });
export type Failure = v.InferOutput<typeof failure>;

export const peerMessage = v.variant('type', [
  v.object({ type: v.literal('ready'), pid: count }),
  v.object({ type: v.literal('answer'), id, value: v.unknown() }),
  v.object({ type: v.literal('failure'), id, failure }),
  v.object({ type: v.literal('connection'), socket, local: endpoint, remote: endpoint }),
  packets,
  sightings,
]);
export type PeerMessage = v.InferOutput<typeof peerMessage>;
