/** Documents saved by an earlier version: the fields that it did not have become empty. */
import type { GenericSchema } from 'valibot';

/** The part of a schema that this file uses. */
interface Part {
  readonly type: string;
  readonly entries?: Readonly<Record<string, Part>>;
  readonly item?: Part;
  readonly wrapped?: Part;
}

/**
 * The document with its missing fields added: null, an empty list, or false, if its schema allows that. Fields without such a value stay
 * missing. `added`: the names of the added fields.
 */
export function completed(
  schema: GenericSchema,
  document: unknown,
): { readonly document: unknown; readonly added: readonly string[] } {
  const added = new Set<string>();
  return { document: complete(schema as unknown as Part, document, '', added), added: [...added] };
}

function complete(schema: Part, value: unknown, path: string, added: Set<string>): unknown {
  switch (schema.type) {
    case 'nullable':
    case 'optional':
      return value === null || value === undefined || schema.wrapped === undefined
        ? value
        : complete(schema.wrapped, value, path, added);
    case 'array':
      return Array.isArray(value) && schema.item !== undefined
        ? value.map((item) => complete(schema.item as Part, item, path, added))
        : value;
    case 'object':
      return isObject(value) ? completeObject(schema.entries ?? {}, value, path, added) : value;
    default:
      return value;
  }
}

function completeObject(
  entries: Readonly<Record<string, Part>>,
  value: Readonly<Record<string, unknown>>,
  path: string,
  added: Set<string>,
): unknown {
  const whole: Record<string, unknown> = { ...value };
  for (const [key, part] of Object.entries(entries)) {
    const inner = path === '' ? key : `${path}.${key}`;
    if (key in value) whole[key] = complete(part, value[key], inner, added);
    else if (part.type in nothing) {
      whole[key] = nothing[part.type];
      added.add(inner);
    }
  }
  return whole;
}

const nothing: Readonly<Record<string, unknown>> = { nullable: null, array: [], boolean: false };

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
