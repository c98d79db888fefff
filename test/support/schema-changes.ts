/** What a reader of the documents of one schema would not understand in those of another. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly [other: string]: unknown;
}

interface Side {
  readonly root: Schema;
  readonly at: Schema;
}

/** Fields that are gone, may be missing or have another type, and values of a choice that no longer come. New ones are no change. */
export function breakingChanges(before: Schema, now: Schema): string[] {
  return [...new Set(compare({ root: before, at: before }, { root: now, at: now }, ''))];
}

function compare(before: Side, now: Side, path: string): string[] {
  const old = variants(before);
  const current = variants(now);
  const oldTypes = old.map(({ at }) => typeOf(at));
  const added = current.map(({ at }) => typeOf(at)).filter((type) => !oldTypes.includes(type));
  return [
    ...[...new Set(added)].map((type) => `${path} may be ${type}`),
    ...valuesOf(old)
      .filter((value) => !valuesOf(current).includes(value) && !isFree(current))
      .map((value) => `${path} is never ${JSON.stringify(value)}`),
    ...old.flatMap((one) => compareVariant(one, current, path)),
  ];
}

function compareVariant(one: Side, current: readonly Side[], path: string): string[] {
  const type = typeOf(one.at);
  const tag = tagOf(one.at);
  const same = current.find(({ at }) => typeOf(at) === type && (tag === undefined || tagOf(at) === tag));
  if (same === undefined) return [`${path} is never ${tag ?? type}`];
  if (one.at.items !== undefined && same.at.items !== undefined)
    return compare({ ...one, at: one.at.items }, { ...same, at: same.at.items }, `${path}[]`);
  return Object.entries(one.at.properties ?? {}).flatMap(([name, field]) => {
    const other = same.at.properties?.[name];
    const own = `${path}.${name}`;
    if (other === undefined) return [`${own} is gone`];
    const wasThere = one.at.required?.includes(name);
    return [
      ...(wasThere && !same.at.required?.includes(name) ? [`${own} may be missing`] : []),
      ...compare({ ...one, at: field }, { ...same, at: other }, own),
    ];
  });
}

function variants({ root, at }: Side): Side[] {
  const resolved = at.$ref === undefined ? at : resolve(root, at.$ref);
  const several = resolved.anyOf ?? resolved.oneOf;
  return several === undefined
    ? [{ root, at: resolved }]
    : several.flatMap((one) => variants({ root, at: one }));
}

function resolve(root: Schema, ref: string): Schema {
  const parts = ref.replace(/^#\//, '').split('/');
  return parts.reduce<unknown>((at, part) => (at as Record<string, unknown>)[part], root) as Schema;
}

function typeOf(schema: Schema): string {
  if (schema.type !== undefined) return schema.type;
  const [value] = schema.enum ?? [schema.const];
  return value === null ? 'null' : typeof value;
}

function tagOf({ properties }: Schema): unknown {
  return properties?.['type']?.const;
}

function valuesOf(sides: readonly Side[]): unknown[] {
  return sides.flatMap(({ at }) => at.enum ?? (at.const === undefined ? [] : [at.const]));
}

function isFree(sides: readonly Side[]): boolean {
  return sides.some(({ at }) => at.type === 'string' && at.enum === undefined && at.const === undefined);
}
