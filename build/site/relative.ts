import { posix } from 'node:path';

/**
 * A built page whose links are relative, so that the folder works wherever it lies, also opened from a disk. The program of the page, which searches and
 * follows links without loading, knows one place only: elsewhere it is not loaded, and the page is as it stands.
 */
export function relocatable(html: string, path: string, base: string): string {
  const root = posix.relative(posix.dirname(path), '.') || '.';
  const at = (target: string) => `${root}/${target}`;
  return html
    .replaceAll(/<link rel="modulepreload"[^>]*>/g, '')
    .replaceAll(/<script type="module" src="\/([^"]*)"><\/script>/g, (_, src: string) =>
      loadedAt(base, root, at(src)),
    )
    .replaceAll(
      /\b(href|src|srcset)="\/([^"/][^"]*)?"/g,
      (_, name: string, target = '') => `${name}="${at(target || 'index.html')}"`,
    );
}

function loadedAt(base: string, root: string, src: string): string {
  const condition = `/^http/.test(location.protocol)&&new URL(${JSON.stringify(`${root}/`)},location.href).pathname===${JSON.stringify(base)}`;
  return `<script>if(${condition})import(new URL(${JSON.stringify(src)},location.href).href)</script>`;
}
