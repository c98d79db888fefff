import type { Output } from './reporter.ts';

const replacements: Readonly<Record<string, string>> = { '✔': '+', '✖': 'x', '·': '-' };

/** The same output for terminals and fonts that know only ASCII. */
export function inAscii(output: Output): Output {
  return {
    write: (text) => output.write(text.replace(/[✔✖·]/g, (character) => replacements[character] ?? '?')),
  };
}
