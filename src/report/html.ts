import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { packagePath, packageVersion } from '../package.ts';
import type { Rendered, Shown } from './html-data.ts';
import { escapeXml } from './junit.ts';

/**
 * A page that shows documents: one file, which needs no network and may request nothing. The data in it is JSON, and only its own program
 * runs, which treats text as text.
 */
export function htmlPage(
  { remarks: own = [], ...shown }: Shown & Pick<Rendered, 'remarks'>,
  title: string,
  others: readonly string[] = [],
): string {
  const remarks = [...others, ...own];
  const script = partOf('page.js');
  const styles = partOf('drawing.css') + partOf('page.css');
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    "style-src 'unsafe-inline'",
    "base-uri 'none'",
    "form-action 'none'",
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy.join('; ')}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="tcpclose">
<title>${escapeXml(title)}</title>
<style>${styles}</style>
</head>
<body>
<main id="page"><noscript>This report is drawn by the program in this file: let it run JavaScript.</noscript></main>
<script type="application/json" id="data">${embedded({ version: packageVersion(), remarks, ...shown })}</script>
<script>${script}</script>
</body>
</html>
`;
}

/** JSON in which nothing can end the element around it, begin a comment, or open another script. */
function embedded(value: unknown): string {
  return JSON.stringify(value).replace(/[<>\u2028\u2029]/g, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(4, '0');
    return `\\u${code}`;
  });
}

function partOf(name: string): string {
  return readFileSync(packagePath(`dist/page/${name}`), 'utf8');
}

function hashOf(script: string): string {
  return `sha256-${createHash('sha256').update(script).digest('base64')}`;
}
