// node failed-tests.mjs FILE...: names the failed tests in reports of vitest's json reporter, with their messages.
import { readFileSync } from 'node:fs';

const indented = (text) =>
  text
    .split('\n')
    .filter((line) => !line.includes('node_modules'))
    .join('\n  ');

for (const file of process.argv.slice(2)) {
  const text = readFileSync(file, 'utf8');
  // The run did not come so far.
  if (text === '') continue;
  for (const { name, message, assertionResults } of JSON.parse(text).testResults) {
    const failed = assertionResults.filter(({ status }) => status === 'failed');
    for (const { fullName, failureMessages } of failed)
      console.log(indented(`failed: ${name} > ${fullName}\n${failureMessages.join('\n')}`));
    // A file that could not be loaded has no tests.
    if (failed.length === 0 && message !== '') console.log(indented(`failed: ${name}\n${message}`));
  }
}
