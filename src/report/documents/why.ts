import * as v from 'valibot';
import type { Shell } from '../../diagnose/advice/shell.ts';
import { adviceOn } from '../../diagnose/advice/troubles.ts';
import type { Diagnosis } from '../../diagnose/diagnosis.ts';
import type { Ended } from '../../diagnose/ending/ending.ts';
import { meaningOf } from '../../diagnose/meaning.ts';
import { meaningOfTrouble } from '../../diagnose/meaning-of-troubles.ts';
import { aboutSuccessors, noticesOf } from '../../diagnose/notices.ts';
import type { Examined, Situation, Trouble } from '../../diagnose/situation/situation.ts';
import type { NatSight } from '../../observe/nat/read.ts';
import { observerLabels } from '../../observe/observers.ts';
import { type DocumentOf, schemaVersion } from './parts.ts';
import { ended, endedDocument } from './why-ended.ts';
import {
  advice,
  adviceOf,
  holder,
  holderDocument,
  languageOfFirst,
  process,
  processDocument,
  stepDocuments,
  steps,
} from './why-parts.ts';

const describe = v.description;

const troubles = ['redirected', 'out of ports', 'leaking', 'overflowing', 'shadowed'] as const;
const situations = [
  ...troubles,
  'held',
  'forbidden',
  'remote',
  'free',
] as const satisfies readonly Situation[];

/** What `tcpclose why --json` prints about one port. */
export const portDocument = v.object({
  schemaVersion,
  type: v.literal('port'),
  port: v.number(),
  host: v.pipe(v.string(), describe('where the bind was tried; :: is IPv4 as well')),
  on: v.pipe(v.nullable(v.string()), describe('the launcher that led to the machine; null without one')),
  held: v.boolean(),
  verdict: v.pipe(
    v.picklist(['held', 'free', 'forbidden']),
    describe('forbidden: nothing holds the port, and the bind fails for another reason, such as EACCES'),
  ),
  situation: v.pipe(
    v.picklist(situations),
    describe('the situation of the port: its worst trouble, who has it, or nothing'),
  ),
  troubles: v.pipe(
    v.array(v.object({ kind: v.picklist(troubles), text: v.string() })),
    describe('what is wrong with the port besides its holder, worst first'),
  ),
  holders: v.array(holder),
  clients: v.pipe(v.array(holder), describe('connections of this machine to the same port of others')),
  udp: v.pipe(
    v.array(
      v.object({
        address: v.string(),
        processes: v.array(v.object({ pid: v.number(), name: v.string() })),
      }),
    ),
    describe('UDP sockets on a port of that number, which are not in the way of TCP'),
  ),
  bind: v.object({
    withoutReuseAddress: v.pipe(v.nullable(v.string()), describe('ok, or errno; null if it was not tried')),
    withReuseAddress: v.pipe(v.nullable(v.string()), describe('ok, or errno; null if it was not tried')),
  }),
  passesOn: v.pipe(v.array(v.string()), describe('addresses to which a bind passes though not to the host')),
  freeInMs: v.pipe(
    v.nullable(v.number()),
    describe('if nothing else happens; 0: now; null: not by itself, or not known when'),
  ),
  freeAtLatestInMs: v.pipe(
    v.optional(v.nullable(v.number())),
    describe(
      'if the other side of a FIN_WAIT2 closes at the last moment, so that TIME_WAIT follows; equal to freeInMs if none can',
    ),
  ),
  settings: v.object({
    ephemeral: v.nullable(v.array(v.number())),
    reserved: v.nullable(v.boolean()),
    reservedList: v.nullable(v.string()),
    unprivilegedFrom: v.nullable(v.number()),
  }),
  elsewhere: v.pipe(
    v.array(
      v.object({
        process,
        sees: v.picklist(['the listener', 'a neighbour']),
        addresses: v.array(v.string()),
      }),
    ),
    describe('who listens on the port in other network namespaces'),
  ),
  way: v.picklist(observerLabels),
  unseen: v.array(v.object({ what: v.string(), how: v.string(), command: v.nullable(v.string()) })),
  rules: v.pipe(
    v.picklist(['all', 'some', 'nothing']),
    describe(
      'which rules of NAT could be read; some: nft is missing, which lists the others; nothing: those that exist may be read only by root, or by nft or iptables-save',
    ),
  ),
  waitedMs: v.pipe(v.nullable(v.number()), describe('with --wait, how long')),
  meaning: v.string(),
  notices: v.pipe(v.array(v.string()), describe('further notes')),
  language: v.pipe(v.nullable(v.string()), describe('of the holder, from its command line')),
  steps,
  advice,
  ended: v.pipe(v.nullable(ended), describe('with --kill, what was ended; null without it')),
});

export type WhyDocument = DocumentOf<typeof portDocument>;

interface PortAnswer {
  readonly examined: Examined;
  /** null without --wait. */
  readonly waitedMs: number | null;
  /** null if nothing had to be ended. */
  readonly ended: Ended | null;
}

const rulesSeen = {
  all: 'all',
  none: 'all',
  some: 'some',
  'no tool': 'nothing',
  forbidden: 'nothing',
} as const satisfies Record<NatSight, 'all' | 'some' | 'nothing'>;

/** The document of a diagnosis, with what it means and what to do about it. */
export function portDocumentOf(
  { examined, waitedMs, ended }: PortAnswer,
  on: string | null,
  shell: Shell,
): WhyDocument {
  const { diagnosis, situation, troubles, rules, unheard } = examined;
  const { port, host, held, verdict, bind, freeInMs, freeAtLatestInMs, settings, way } = diagnosis;
  const kinds = troubles.map(({ kind }) => kind);
  const steps = adviceOn(examined, shell);
  return {
    schemaVersion: 1,
    type: 'port',
    port,
    host,
    on,
    held,
    verdict,
    situation,
    troubles: troubles.map((trouble) => ({ kind: trouble.kind, text: meaningOfTrouble(trouble) })),
    holders: diagnosis.holders.map(holderDocument),
    clients: diagnosis.clients.map(holderDocument),
    udp: diagnosis.udp,
    bind,
    passesOn: diagnosis.passesOn,
    freeInMs,
    freeAtLatestInMs,
    settings,
    elsewhere: diagnosis.elsewhere.map((one) => ({ ...one, process: processDocument(one.process) })),
    way,
    unseen: diagnosis.unseen.map(({ what, how, asRoot }) => {
      const command = asRoot === 'yes' ? shell.tcpclose('root', 'why', String(port)) : null;
      return { what, how: command === null ? how : `${how}: ${command}`, command };
    }),
    rules: rulesSeen[rules],
    waitedMs,
    meaning: meaningOf(diagnosis),
    notices: [...aboutSuccessors(diagnosis, ended), ...noticesOf(diagnosis, kinds, unheard)],
    language: languageIn(diagnosis, troubles),
    steps: stepDocuments(steps),
    advice: adviceOf(steps),
    ended: ended === null ? null : endedDocument(ended),
  };
}

// A client matters only if a trouble is about it; all other steps are about the server.
function languageIn({ holders, clients }: Diagnosis, troubles: readonly Trouble[]): string | null {
  const whose = troubles.length === 0 ? holders : [...holders, ...clients];
  return languageOfFirst(whose.flatMap(({ processes }) => processes));
}
