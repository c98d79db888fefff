import type { GenericSchema } from 'valibot';
import type { Case } from '../ci.ts';
import type { Rendered, Shown } from '../html-data.ts';

/** What can be made from the document of one command: a renderer for each format, by the kind of the document. */
export interface DocumentKind<Document> {
  readonly schema: GenericSchema<unknown, Document>;
  /** Adds the fields that a document of an earlier version lacks, with a remark on them; null if it lacks nothing. */
  older?(document: unknown): { readonly document: unknown; readonly remark: string } | null;
  /** What is shown of a saved document, if not the document itself. */
  read?(saved: unknown): Document;
  /** One line that says what it shows. */
  title(document: Document): string;
  /** The data for a page; left out if there is no page. Only tables that can be compared side by side take several documents. */
  page?(documents: readonly [Document, ...Document[]]): Shown & Pick<Rendered, 'remarks'>;
  /** Default: 1. */
  readonly mostDocuments?: number;
  markdown(document: Document): readonly string[];
  /** Its results for CI; left out if it has none. */
  cases?(document: Document): readonly Case[];
  /** Left out if the document has no time of its own. */
  durationMs?(document: Document): number;
  /** An SVG file; left out if there is no picture. */
  svg?(document: Document): string;
  /** Chrome's trace event format; left out if nothing in it has a time. */
  trace?(document: Document): string;
}
