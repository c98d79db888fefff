import * as v from 'valibot';
import { remainsNames } from '../../matrix/cells.ts';
import { type DocumentOf, schemaVersion } from './parts.ts';

const options = v.picklist(['none', 'addr', 'port', 'both']);

/** What `tcpclose matrix --json` prints, and --diff reads. */
export const matrixDocument = v.object({
  schemaVersion,
  environment: v.object({ kernel: v.string(), arch: v.string(), node: v.string(), user: v.number() }),
  cells: v.array(
    v.object({
      remains: v.picklist(remainsNames),
      old: options,
      new: options,
      addresses: v.object({
        name: v.string(),
        old: v.string(),
        new: v.string(),
        peer: v.string(),
        oldV6Only: v.boolean(),
        newV6Only: v.boolean(),
      }),
      observedState: v.string(),
      bind: v.pipe(v.string(), v.description('ok, or errno')),
      listen: v.pipe(v.nullable(v.string()), v.description('ok, or errno; null where bind failed')),
    }),
  ),
});

export type MatrixDocument = DocumentOf<typeof matrixDocument>;
