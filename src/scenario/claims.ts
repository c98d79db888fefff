/**
 * The claims that the experiments decide, by number. A claim may have parts: cases in which it comes out otherwise, or that
 * are to be told apart. What is found of them is nowhere here: it is computed from checks.
 */
interface Claim {
  readonly claim: string;
  readonly parts?: Readonly<Record<string, string>>;
}

export const claims = {
  C01: {
    claim:
      'Kill the server (Ctrl-C) while a client is connected, start it again at once: bind: Address already in use.',
  },
  C02: {
    claim:
      'In between, netstat shows the client in CLOSE_WAIT with its pid, the server side in FIN_WAIT2 with no pid.',
  },
  C03: { claim: 'Then kill the client too: the server side is in TIME_WAIT, and bind still fails.' },
  C04: { claim: 'On Linux the server can be started again after about half a minute.' },
  C05: { claim: 'A restarted server has to wait 1 to 4 minutes.' },
  C06: {
    claim: 'The server that sets SO_REUSEADDR before bind() starts again at once over TIME_WAIT.',
    parts: { 'new only': 'the old server had not set it, only the new one does' },
  },
  C07: {
    claim: "Kill the client first instead: TIME_WAIT is at the client's port and the server restarts freely.",
  },
  C08: { claim: 'A client restarted at once on the same local port cannot use it.' },
  C09: {
    claim:
      "Even with SO_REUSEADDR the same socket pair cannot be re-created: connecting from the reused server port back to the old peer's port fails with Address already in use.",
  },
} as const satisfies Readonly<Record<string, Claim>>;

export type ClaimId = keyof typeof claims;
type PartsOf<Id extends ClaimId> = (typeof claims)[Id] extends { parts: infer Parts }
  ? keyof Parts & string
  : never;

/** A claim as stated, `C06`, or one of its parts, `C06/new only`. */
export type ClaimPart = { [Id in ClaimId]: Id | `${Id}/${PartsOf<Id>}` }[ClaimId];
