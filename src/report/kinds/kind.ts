import type { GenericSchema } from 'valibot';
import type { Case } from '../ci.ts';
import type { Rendered, Shown } from '../html-data.ts';

/** What can be made of the document of one command: a renderer of each format, by the kind of the document. */
export interface DocumentKind<Document> {
  readonly schema: GenericSchema<unknown, Document>;
  /** Gives a document of an earlier version what cannot be left empty, and says what that is worth; null if it has all of it. */
  older?(document: unknown): { readonly document: unknown; readonly remark: string } | null;
  /** What is shown of a saved document, if that is not the document itself. */
  read?(saved: unknown): Document;
  /** One line that says what it shows. */
  title(document: Document): string;
  /** What a page is given; left out if there is none of it. Only tables that can be laid side by side take several documents. */
  page?(documents: readonly [Document, ...Document[]]): Shown & Pick<Rendered, 'remarks'>;
  readonly mostDocuments: number;
  markdown(document: Document): readonly string[];
  /** Its results for CI; left out if it has none. */
  cases?(document: Document): readonly Case[];
  durationMs(document: Document): number;
  /** An SVG file; left out if there is no picture of it. */
  svg?(document: Document): string;
  /** Chrome's trace event format; left out if nothing of it happens in time. */
  trace?(document: Document): string;
}
