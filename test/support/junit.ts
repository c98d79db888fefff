import { XMLParser, XMLValidator } from 'fast-xml-parser';

interface Rule {
  readonly children: readonly string[];
  readonly attributes: readonly string[];
  readonly required: readonly string[];
}

const told: Rule = { children: [], attributes: ['type', 'message'], required: [] };
const text: Rule = { children: [], attributes: [], required: [] };
const counts = ['tests', 'failures', 'errors'];

/** What junit-10.xsd of Jenkins allows of what we write: anything else in a report makes it refuse all of it. */
const rules: Readonly<Record<string, Rule>> = {
  testsuites: { children: ['testsuite'], attributes: ['name', 'time', ...counts], required: [] },
  testsuite: {
    children: ['testcase', 'properties', 'system-out', 'system-err'],
    attributes: ['name', 'time', 'skipped', 'timestamp', 'hostname', 'id', 'package', ...counts],
    required: ['name', ...counts],
  },
  testcase: {
    children: ['skipped', 'error', 'failure', 'system-out', 'system-err'],
    attributes: ['name', 'time', 'classname', 'group'],
    required: ['name'],
  },
  failure: told,
  error: told,
  skipped: told,
  'system-out': text,
  'system-err': text,
};

type Node = Readonly<Record<string, unknown>>;

/** What is wrong with a report by that schema; nothing if all is well. */
export function junitErrors(xml: string): string[] {
  const valid = XMLValidator.validate(xml);
  if (valid !== true) return [valid.err.msg];
  const parser = new XMLParser({ ignoreAttributes: false, preserveOrder: true, trimValues: false });
  const roots = (parser.parse(xml) as Node[]).filter((node) => !('?xml' in node));
  return roots.flatMap((root) => {
    const name = nameOf(root);
    return name === 'testsuites' ? errorsOf(root, name) : [`the root is ${name}`];
  });
}

function errorsOf(node: Node, name: string): string[] {
  const rule = rules[name];
  if (rule === undefined) return [`${name} is not known`];
  const given = Object.entries((node[':@'] ?? {}) as Record<string, string>).map(
    ([key, value]) => [key.replace('@_', ''), value] as const,
  );
  const names = given.map(([key]) => key);
  const children = (node[name] as Node[]).filter((child) => !('#text' in child));
  return [
    ...names.filter((key) => !rule.attributes.includes(key)).map((key) => `${name} has ${key}`),
    ...rule.required.filter((key) => !names.includes(key)).map((key) => `${name} lacks ${key}`),
    ...given.flatMap(([key, value]) =>
      key === 'time' && !/^\d{1,6}\.\d{3}$/.test(value) ? [`time is ${value}`] : [],
    ),
    ...children.flatMap((child) => {
      const own = nameOf(child);
      return rule.children.includes(own) ? errorsOf(child, own) : [`${name} has an element ${own}`];
    }),
  ];
}

function nameOf(node: Node): string {
  return Object.keys(node).find((key) => key !== ':@') ?? '';
}
