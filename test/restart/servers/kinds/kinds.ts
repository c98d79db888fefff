/** Kinds of servers that people restart. */
import type { Kind } from './kind.ts';
import { ofNode } from './node.ts';
import { programs } from './programs.ts';
import { ofPython } from './python.ts';
import { inShells } from './shells.ts';
import { onUnixSockets } from './unix-sockets.ts';

export const kinds: Readonly<Record<string, Kind>> = {
  ...ofNode,
  ...ofPython,
  ...programs,
  ...inShells,
  ...onUnixSockets,
};
