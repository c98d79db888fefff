import type { ListDocument } from './documents/list.ts';
import type { Paint } from './paint.ts';
import { hang } from './text.ts';

type Listed = ListDocument['scenarios'][number];

/** Every scenario under its topic: its claim, and what it needs. */
export function listText({ scenarios }: ListDocument, paint: Paint): string[] {
  return scenarios.flatMap((scenario, i) => describe(scenario, scenarios[i - 1], paint));
}

function describe(
  { scenario, topic, claim, needs, slow }: Listed,
  before: Listed | undefined,
  paint: Paint,
): string[] {
  const conditions = [...needs.map((need) => `needs ${need}`), ...(slow === null ? [] : [`slow: ${slow}`])];
  const gap = before === undefined ? [] : [''];
  const heading = before?.topic === topic ? [] : [...gap, paint.title(topic)];
  const remarks = conditions.length === 0 ? [] : hang(' '.repeat(6), `(${conditions.join(', ')})`);
  return [...heading, `  ${scenario}`, ...hang(' '.repeat(6), claim), ...remarks.map(paint.faint)];
}
