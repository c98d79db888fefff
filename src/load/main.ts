/** The program of a load generator: clients with real sockets, in a separate process. It ends when its standard input ends. */
import { isConnectionOver } from '../native/tcp-info.ts';
import { serve } from '../rpc/server.ts';
import { methods } from './methods.ts';

// Loads the library now, not when the first connection ends.
isConnectionOver(-1);
serve(methods, () => process.exit());
