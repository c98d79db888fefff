import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { RolldownOutput } from 'rolldown';

/** Writes the licences of the packages whose code is in the bundles: their authors require it. */
export function writeLicenses(file: string, outputs: readonly RolldownOutput[]): void {
  const folders = new Set(outputs.flatMap(packagesIn));
  const texts = [...folders].sort().map(describePackage);
  writeFileSync(file, texts.join(`\n${'-'.repeat(80)}\n\n`));
}

function packagesIn({ output }: RolldownOutput): string[] {
  const modules = output.flatMap((part) => (part.type === 'chunk' ? part.moduleIds : []));
  return modules.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? []);
}

function describePackage(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const path = `${folder}/${file}`;
  if (file === undefined || !existsSync(path)) throw new Error(`${name} has no licence to pass on`);
  return `${name} ${version} (${license})\n\n${readFileSync(path, 'utf8').trim()}\n`;
}
