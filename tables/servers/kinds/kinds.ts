import { ofC } from './c.ts';
import { ofJava } from './java.ts';
import type { ServerKind } from './kind.ts';
import { ofNode } from './node.ts';
import { ofOthers } from './other.ts';
import { ofPython } from './python.ts';
import { ofRuby } from './ruby.ts';

/** In the order of the page. */
export const serverKinds: Readonly<Record<string, ServerKind>> = {
  ...ofNode,
  ...ofPython,
  ...ofC,
  ...ofRuby,
  ...ofJava,
  ...ofOthers,
};
