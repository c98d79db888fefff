/** A run that was really made, and its page. */
import type { RunDocument } from '../../../src/report/documents/run.ts';
import type { Shown } from '../../../src/report/html-data.ts';
import { saved } from '../saved.ts';

export const run = saved<RunDocument>('run');

export const ofRun = (document: RunDocument): Shown => ({ kind: 'demo', documents: [document] });
