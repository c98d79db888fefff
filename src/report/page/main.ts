/** The page of a document: it reads the data in the page, and shows it. It needs no network. */
import type { Rendered } from '../html-data.ts';
import { h } from './dom.ts';
import { fitToPaper } from './fit.ts';
import { auditView } from './views/audit.ts';
import { claimsView } from './views/claims.ts';
import { idleView } from './views/idle.ts';
import { matrixView } from './views/matrix.ts';
import { restartView } from './views/restart.ts';
import { runView } from './views/run.ts';
import { suiteView } from './views/suite.ts';
import { watchView } from './views/watch.ts';

const rendered = JSON.parse(document.getElementById('data')?.textContent ?? 'null') as Rendered;
const root = document.getElementById('page');
root?.replaceChildren(
  ...viewOf(rendered),
  ...(rendered.remarks ?? []).map((remark) => h('p', { class: 'note remark' }, remark)),
  h('footer', {}, `Made by tcpclose ${rendered.version} from the document that --json prints.`),
);
// After the others have heard that it will be printed.
fitToPaper();

function viewOf(rendered: Rendered): readonly HTMLElement[] {
  switch (rendered.kind) {
    case 'demo':
      return runView(rendered.documents[0]);
    case 'test':
      return suiteView(rendered.documents[0]);
    case 'claims':
      return claimsView(rendered.documents[0]);
    case 'matrix':
      return matrixView(rendered.documents);
    case 'restart':
      return restartView(rendered.documents[0]);
    case 'idle':
      return idleView(rendered.documents[0]);
    case 'audit':
      return auditView(rendered.documents[0]);
    case 'watch':
      return watchView(rendered.documents[0]);
  }
}
