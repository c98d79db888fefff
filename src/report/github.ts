/** A workflow command of GitHub Actions: it becomes an annotation of the run. One line. */
export function annotation(level: 'notice' | 'warning' | 'error', title: string, message: string): string {
  return `::${level} title=${property(title)}::${data(message)}`;
}

// As the runner's toolkit escapes them.
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
