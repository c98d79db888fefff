import { UsageError } from '../../errors.ts';
import { harmless } from '../../foreign.ts';

/** The characters of VALID_CHARS in systemd's unit-name.c; the longest name has 255 characters. */
const valid = /^[\w:.\\@][\w:.\\@-]*$/;
const otherTypes = /\.(socket|target|timer|path|mount|slice|scope|device|swap|automount)$/;

/**
 * The full name of a service: `web` becomes `web.service`, as in systemctl(1).
 * @throws UsageError `bad-unit`
 */
export function serviceName(text: string): string {
  const bad = (why: string) => new UsageError('bad-unit', `"${harmless(text)}" ${why}`);
  const type = otherTypes.exec(text)?.[1];
  if (type === 'socket') {
    throw bad('is a socket unit: name the service that it starts, such as web.service');
  }
  if (type !== undefined) throw bad(`is a ${type}: name a service, such as web.service`);
  const name = text.endsWith('.service') ? text : `${text}.service`;
  if (!valid.test(name) || name === '.service' || name.length > 255) {
    throw bad('is not the name of a service: give one such as web.service (letters, digits, and :-_.\\@)');
  }
  if (/@\.service$/.test(name)) throw bad('is a template: name an instance, such as web@1.service');
  return name;
}
