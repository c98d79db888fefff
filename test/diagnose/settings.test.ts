import { describe, expect, test } from 'vitest';
import { isEphemeral, parseSettings } from '../../src/diagnose/settings.ts';

describe('ip_local_reserved_ports', () => {
  test.each([
    ['', 8080, false],
    ['\n', 8080, false],
    ['8080\n', 8080, true],
    ['80,8000-9000\n', 8080, true],
    ['80,8081-9000\n', 8080, false],
  ])('%j and %i: %s', (list, port, reserved) => {
    expect(parseSettings(port, '32768\t60999\n', list, '1024\n').reserved).toBe(reserved);
  });
});

test('a reserved port is given to no client', () => {
  expect(isEphemeral(40_000, parseSettings(40_000, '32768\t60999\n', '\n', '1024\n'))).toBe(true);
  expect(isEphemeral(40_000, parseSettings(40_000, '32768\t60999\n', '40000\n', '1024\n'))).toBe(false);
  expect(isEphemeral(8080, parseSettings(8080, '32768\t60999\n', '\n', '1024\n'))).toBe(false);
});

test('what cannot be read is not known', () => {
  expect(parseSettings(80)).toEqual({
    ephemeral: null,
    reserved: null,
    reservedList: null,
    unprivilegedFrom: null,
  });
});
