/** What a value of an option may be. A text such as `'8080'`, from an environment variable, is as good as its number. */
const kinds = {
  text: { is: isText, give: 'a text' },
  number: { is: isNumber, give: 'a number' },
  'number or true or false': { is: either(isNumber, isSwitch), give: 'a number or true' },
  switch: { is: isSwitch, give: 'true or false' },
  span: { is: isNumber, give: "milliseconds, or a text such as '30s'" },
  'span or true': {
    is: (value) => value === true || isNumber(value),
    give: "milliseconds, a text such as '30s', or true",
  },
  'text or true or false': { is: either(isText, isSwitch), give: 'a text, or true' },
  function: { is: isFunction, give: 'a function' },
  'function or true or false': { is: either(isFunction, isSwitch), give: 'true or a function' },
  signal: { is: isAbortSignal, give: 'an AbortSignal' },
  regex: { is: (value) => isText(value) || isOf('RegExp', value), give: 'a RegExp or a text' },
  bytes: { is: either(isText, ArrayBuffer.isView), give: 'a text or a Uint8Array' },
  texts: { is: areTexts, give: 'an array of texts' },
  'text or texts': { is: either(isText, areTexts), give: 'a text or an array of texts' },
  record: { is: isRecord, give: 'an object' },
  'texts by name': {
    is: (value) => isRecord(value) && areTexts(Object.values(value)),
    give: 'an object whose values are texts',
  },
  load: {
    is: (value) => isSwitch(value) || isText(value) || isRecord(value),
    give: "true, a text such as 'new=50/s', or an object such as { new: 50 }",
  },
  set: { is: (value) => isOf('Set', value), give: 'a Set' },
} as const satisfies Record<string, { readonly is: (value: unknown) => boolean; readonly give: string }>;

export type Kind = keyof typeof kinds;

/** What to give instead; undefined if the value is of this kind. */
export function whatInstead(kind: Kind, value: unknown): string | undefined {
  const { is, give } = kinds[kind];
  return is(value) ? undefined : give;
}

/** An object with options, not null, an array or a text. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function';
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'string';
}

function isSwitch(value: unknown): boolean {
  return typeof value === 'boolean';
}

/** Such as the words of a command. */
export function areTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

// Recognised by its methods, because a test runner may have classes of its own in each test file.
function isAbortSignal(value: unknown): boolean {
  return (
    isRecord(value) &&
    typeof value['aborted'] === 'boolean' &&
    typeof value['addEventListener'] === 'function' &&
    typeof value['throwIfAborted'] === 'function'
  );
}

function either(one: (value: unknown) => boolean, other: (value: unknown) => boolean) {
  return (value: unknown) => one(value) || other(value);
}

function isOf(name: string, value: unknown): boolean {
  return Object.prototype.toString.call(value) === `[object ${name}]`;
}
