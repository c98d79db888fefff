import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Language, type Node, Parser } from 'web-tree-sitter';

/** What a section of a declarative pipeline may contain (Jenkins' Pipeline Syntax); any step is allowed in the others. */
const sections: Readonly<Record<string, readonly string[]>> = {
  '': ['pipeline'],
  pipeline: 'agent environment libraries options parameters post stages tools triggers'.split(' '),
  stages: ['stage'],
  stage: 'agent environment input matrix options parallel post stages steps tools when'.split(' '),
  agent: ['docker', 'dockerfile', 'kubernetes', 'label', 'node'],
  docker: ['alwaysPull', 'args', 'customWorkspace', 'image', 'label', 'registryUrl', 'reuseNode'],
  post: 'aborted always changed cleanup failure fixed regression success unstable unsuccessful'.split(' '),
};
const required: Readonly<Record<string, readonly string[]>> = {
  '': ['pipeline'],
  pipeline: ['agent', 'stages'],
  stages: ['stage'],
};

interface Read {
  /** What is wrong with it, by the grammar of Groovy and the sections of Jenkins. */
  readonly errors: readonly string[];
  /** The commands of its `sh` steps. */
  readonly commands: readonly string[];
}

interface Call {
  readonly name: string;
  readonly text: string | undefined;
  readonly inside: readonly Call[];
}

/** A Jenkinsfile, read by the grammar of Groovy. */
export async function readJenkinsfile(text: string): Promise<Read> {
  await Parser.init();
  const parser = new Parser();
  const folder = dirname(createRequire(import.meta.url).resolve('tree-sitter-groovy/package.json'));
  parser.setLanguage(await Language.load(join(folder, 'tree-sitter-groovy.wasm')));
  const root = parser.parse(text)?.rootNode;
  if (root === undefined || root.hasError) return { errors: ['it is not Groovy'], commands: [] };
  const calls = callsIn(root);
  return { errors: errorsOf('', calls), commands: commandsOf(calls) };
}

/** The calls below a node, without those in the closures of others. */
function callsIn(node: Node): Call[] {
  return node.namedChildren.flatMap((child) => {
    if (child?.type !== 'method_invocation' && child?.type !== 'juxt_function_call')
      return child === null ? [] : callsIn(child);
    const literal = child.descendantsOfType(['character_literal', 'string_literal'])[0];
    const body = child.childForFieldName('body');
    return [
      {
        name: child.childForFieldName('name')?.text ?? '',
        text: body === null ? literal?.text.slice(1, -1) : undefined,
        inside: body === null ? [] : callsIn(body),
      },
    ];
  });
}

function errorsOf(section: string, calls: readonly Call[]): string[] {
  const names = calls.map(({ name }) => name);
  const known = sections[section];
  return [
    ...names.filter((name) => known?.includes(name) === false).map((name) => `"${name}" in "${section}"`),
    ...(required[section] ?? [])
      .filter((name) => !names.includes(name))
      .map((name) => `"${section}" has no ${name}`),
    ...calls.flatMap(({ name, inside }) => errorsOf(name, inside)),
  ];
}

function commandsOf(calls: readonly Call[]): string[] {
  return calls.flatMap(({ name, text, inside }) =>
    name === 'sh' && text !== undefined ? [text] : commandsOf(inside),
  );
}
