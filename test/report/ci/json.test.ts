import { describe, expect, test } from 'vitest';
import { json, ndjson } from '../../../src/report/json.ts';
import { all, ending, refused, reportOf, written } from './reports.ts';

describe('JSON', () => {
  test('is the document, when all is over', () => {
    expect(reportOf(json, all)).toBe('{}\n');
    expect(written(json, ({ onEnd }) => onEnd({ a: [1] }, ending))).toBe('{\n  "a": [\n    1\n  ]\n}\n');
  });

  test('or one line for everything that happens, and for the error that ended it', () => {
    const lines = written(ndjson, ({ onLine, onError }) => {
      onLine({ type: 'began' });
      onError(refused);
    });
    expect(lines).toBe(
      '{"type":"began"}\n{"type":"error","schemaVersion":1,"code":"port-taken","message":"the port is \\"in use\\""}\n',
    );
  });
});
