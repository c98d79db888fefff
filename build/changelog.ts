export interface Entry {
  /** Not dated yet: null. */
  readonly date: string | null;
  readonly text: string;
}

/** What a changelog in the form of keepachangelog.com says about a version; null if it says nothing. */
export function changelogEntry(changelog: string, version: string): Entry | null {
  const sections = changelog.split(/^## (?=\[)/m).slice(1);
  const section = sections.find((text) => text.startsWith(`[${version}]`));
  if (section === undefined) return null;
  const [heading = '', ...lines] = section.split('\n');
  const text = lines.join('\n').trim();
  return text === '' ? null : { date: /\d{4}-\d\d-\d\d$/.exec(heading)?.[0] ?? null, text };
}
