/** The program of a load generator: clients with real sockets, in a process of its own. It ends when its standard input ends. */
import { serve } from '../rpc/server.ts';
import { methods } from './methods.ts';

serve(methods, () => process.exit());
