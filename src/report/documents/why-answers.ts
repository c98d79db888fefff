import * as v from 'valibot';
import type { Listings } from '../../diagnose/listing.ts';
import { type DocumentOf, schemaVersion } from './parts.ts';
import { portDocument, type WhyDocument } from './why.ts';
import { type UnixDocument, unixDocument } from './why-unix.ts';

const describe = v.description;

const listing = v.object({
  port: v.number(),
  protocol: v.picklist(['tcp', 'udp']),
  addresses: v.array(v.string()),
  processes: v.pipe(
    v.array(v.object({ pid: v.number(), command: v.string() })),
    describe('empty if they are not visible'),
  ),
  user: v.nullable(v.string()),
  waiting: v.pipe(v.number(), describe('connections that wait to be accepted')),
});

const listeners = v.object({
  schemaVersion,
  type: v.literal('listeners'),
  on: v.pipe(v.nullable(v.string()), describe('the launcher that led to the machine; null without one')),
  listeners: v.array(listing),
  unseen: v.pipe(v.number(), describe('how many of them have a process that is not visible')),
  refused: v.pipe(v.boolean(), describe('whether some processes can be looked at only by root')),
});

const several = v.object({
  schemaVersion,
  type: v.literal('several'),
  answers: v.array(v.variant('type', [portDocument, unixDocument])),
});

/** What `tcpclose why --json` prints: about a port, a Unix socket, several of them, or, without any, all listeners. */
export const whyDocument = v.variant('type', [portDocument, unixDocument, listeners, several]);

export type ListenersDocument = DocumentOf<typeof listeners>;
export type SeveralDocument = DocumentOf<typeof several>;
export type WhyAnswer = WhyDocument | UnixDocument | ListenersDocument | SeveralDocument;

export function listenersDocumentOf(
  { listings, unseen, refused }: Listings,
  on: string | null,
): ListenersDocument {
  return { schemaVersion: 1, type: 'listeners', on, listeners: listings, unseen, refused };
}

export function severalDocumentOf(answers: readonly (WhyDocument | UnixDocument)[]): SeveralDocument {
  return { schemaVersion: 1, type: 'several', answers };
}
