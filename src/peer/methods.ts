/** The methods of a peer, by name. */
import type { ParamsOf, ResultOf } from '../rpc/method.ts';
import * as bothSides from './commands/both-sides.ts';
import * as capture from './commands/capture.ts';
import * as churn from './commands/churn.ts';
import * as connect from './commands/connect.ts';
import * as die from './commands/die.ts';
import * as faults from './commands/faults.ts';
import * as latency from './commands/latency.ts';
import * as listen from './commands/listen.ts';
import * as look from './commands/look.ts';
import * as matrix from './commands/matrix.ts';
import * as network from './commands/network.ts';
import * as options from './commands/options.ts';
import * as process from './commands/process.ts';
import * as stream from './commands/stream.ts';
import * as systemCalls from './commands/system-calls.ts';
import * as trace from './commands/trace.ts';
import * as watchClose from './commands/watch-close.ts';

export const methods = {
  ...bothSides,
  ...capture,
  ...churn,
  ...connect,
  ...die,
  ...faults,
  ...latency,
  ...listen,
  ...look,
  ...matrix,
  ...network,
  ...options,
  ...process,
  ...stream,
  ...systemCalls,
  ...trace,
  ...watchClose,
};

export type Methods = typeof methods;
export type Params<Name extends keyof Methods> = ParamsOf<Methods[Name]>;
export type Result<Name extends keyof Methods> = ResultOf<Methods[Name]>;
