import type { GenericSchema } from 'valibot';
import type { Case } from '../ci.ts';
import type { Rendered } from '../html-data.ts';

/** What can be made of the document of one command: a renderer of each format, by the kind of the document. */
export interface DocumentKind<Document> {
  readonly schema: GenericSchema<unknown, Document>;
  /** One line that says what it shows. */
  title(document: Document): string;
  /** What a page is given; left out if there is none of it. Only tables that can be laid side by side take several documents. */
  page?(documents: readonly [Document, ...Document[]]): Omit<Rendered, 'version'>;
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
