import { createJiti } from 'jiti';

// It imports JSON without saying so, which Node refuses.
const jiti = createJiti(import.meta.url, { tryNative: false, fsCache: false });
const { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } =
  await jiti.import<typeof import('@actions/workflow-parser')>('@actions/workflow-parser');
const { parseAction } = await jiti.import<typeof import('@actions/workflow-parser/actions/action-parser')>(
  '@actions/workflow-parser/actions/action-parser',
);

const trace = new NoOperationTraceWriter();

/** What GitHub's own parser says is wrong with a workflow, its expressions included; nothing if all is well. */
export async function workflowErrors(name: string, content: string): Promise<string[]> {
  const { context, value } = parseWorkflow({ name, content }, trace);
  const errors = context.errors.getErrors().map(({ message }) => message);
  if (value === undefined || errors.length > 0) return errors;
  const { errors: later = [] } = await convertWorkflowTemplate(context, value);
  return later.map(({ Message }) => Message);
}

/** The same of an action.yml. */
export function actionErrors(name: string, content: string): string[] {
  return parseAction({ name, content }, trace)
    .context.errors.getErrors()
    .map(({ message }) => message);
}
