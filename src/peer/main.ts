/**
 * The program of a peer: a process with a real net.Server or net.Socket in it. It does what it is told on standard input
 * and ends when that ends, so that no peer outlives tcpclose.
 */
import { writeFileSync } from 'node:fs';
import * as v from 'valibot';
import { lineSplitter } from '../lines.ts';
import { SystemCallError } from '../native/errno.ts';
import { describeSystemError } from '../system-error.ts';
import { writeWhole } from '../write-whole.ts';
import { send } from './channel.ts';
import { closeInTurn, exchange } from './commands/both-sides.ts';
import { capture, flush, inject, packet, settle } from './commands/capture.ts';
import { bindCells } from './commands/cells.ts';
import { churn, churnProgress, memory } from './commands/churn.ts';
import { connect } from './commands/connect.ts';
import { die } from './commands/die.ts';
import { deaf, destroySocket, raiseLoopback, share, unshare } from './commands/faults.ts';
import { connectTimes } from './commands/latency.ts';
import { accept, listen, probe, stopListening } from './commands/listen.ts';
import { info, lookUp, watchRetransmissions } from './commands/look.ts';
import { drops, openDescriptors, options, setOption } from './commands/options.ts';
import {
  catchUp,
  changeFolder,
  giveWayToOthers,
  limitCore,
  makeFolder,
  takeMemory,
} from './commands/process.ts';
import {
  block,
  destroy,
  end,
  fill,
  read,
  receiveRaw,
  reset,
  sendRaw,
  shutdown,
  write,
} from './commands/stream.ts';
import { trace, traced } from './commands/trace.ts';
import { closeWatched, watchClose } from './commands/watch-close.ts';
import {
  type CommandName,
  commandMessage,
  type Failure,
  type ParsedParams,
  type Result,
  vocabulary,
} from './protocol.ts';

const commands: { readonly [Name in CommandName]: (asked: ParsedParams<Name>) => Promise<Result<Name>> } = {
  listen,
  catchUp,
  accept,
  connect,
  write,
  read,
  send: sendRaw,
  receive: receiveRaw,
  fill,
  blockIn: block,
  exchange,
  closeInTurn,
  drops,
  end,
  destroy,
  reset,
  stopListening,
  shutdown,
  setOption,
  options,
  probe,
  bindCells,
  churn,
  churnProgress,
  connectTimes,
  memory,
  info,
  lookUp,
  watchRetransmissions,
  watchClose,
  closeWatched,
  deaf,
  share,
  unshare,
  destroySocket,
  capture,
  flush,
  settle,
  packet,
  inject,
  trace,
  traced,
  raiseLoopback,
  giveWay: giveWayToOthers,
  takeMemory,
  makeFolder,
  changeFolder,
  openDescriptors,
  limitCoreDump: limitCore,
  die,
};

async function obey(line: string): Promise<void> {
  const message = v.parse(commandMessage, JSON.parse(line));
  try {
    const asked = v.parse(vocabulary[message.do].asks, message.with);
    const command = commands[message.do] as (asked: unknown) => Promise<unknown>;
    const value = await command(asked);
    send({ type: 'answer', id: message.id, value });
  } catch (error) {
    send({ type: 'failure', id: message.id, failure: describe(error) });
  }
}

function describe(error: unknown): Failure {
  if (error instanceof SystemCallError)
    return { call: error.call, errno: error.errno, message: error.message };
  if (!(error instanceof Error)) return { call: null, errno: null, message: String(error) };
  const { syscall = null, code = null } = error as NodeJS.ErrnoException;
  return { call: syscall, errno: code, message: error.message };
}

// The name that ss shows: newer releases of Node leave it as that of their main thread.
try {
  writeFileSync('/proc/self/comm', 'node');
} catch (error) {
  writeWhole(2, `${describeSystemError(error) ?? error}\n`);
  process.exit(1);
}
process.stdin.setEncoding('utf8').on(
  'data',
  lineSplitter((line) => void obey(line)),
);
process.stdin.on('end', () => process.exit());
process.stdin.on('error', () => process.exit());
// Nobody reads any more what is written: tcpclose is gone.
process.stdout.on('error', () => process.exit());
send({ type: 'ready', pid: process.pid });
