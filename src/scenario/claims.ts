import { closing } from './claims/closing.ts';
import { load } from './claims/load.ts';
import { oldSegments } from './claims/old-segments.ts';
import { restart } from './claims/restart.ts';
import { silence } from './claims/silence.ts';
import { states } from './claims/states.ts';
import { waiting } from './claims/waiting.ts';

/**
 * The claims that the experiments decide, by number: what articles and books say about closing TCP connections. The findings are not
 * written down here; they are computed from checks.
 */
export const claims = {
  ...restart,
  ...waiting,
  ...states,
  ...oldSegments,
  ...load,
  ...closing,
  ...silence,
};

export type ClaimId = keyof typeof claims;

type PartsOf<Id extends ClaimId> = (typeof claims)[Id] extends { parts: infer Named }
  ? keyof Named & string
  : never;
type CasesOf<Id extends ClaimId> = (typeof claims)[Id] extends { cases: infer Named }
  ? keyof Named & string
  : never;

/** What a check bears on: a claim as stated, `C06`; one of its parts, `C03/bind`, if it has parts; or a case of it, `C06/new only`. */
export type ClaimPart = {
  [Id in ClaimId]:
    | ((typeof claims)[Id] extends { parts: unknown } ? never : Id)
    | `${Id}/${PartsOf<Id> | CasesOf<Id>}`;
}[ClaimId];
