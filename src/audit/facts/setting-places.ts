import type { Place } from '../../observe/place.ts';
import { readTexts } from './texts.ts';

/** A line of a file that sets a sysctl. */
export interface SettingPlace {
  readonly file: string;
  readonly line: number;
  readonly value: string;
}

const folders = ['/etc/sysctl.d', '/run/sysctl.d', '/usr/local/lib/sysctl.d', '/usr/lib/sysctl.d'];
const listing = `ls -d /etc/sysctl.conf ${folders.map((folder) => `${folder}/*.conf`).join(' ')} 2>/dev/null; :`;

/** The lines of sysctl.conf(5) files, by the name of the setting. */
export async function settingPlaces(place: Place, signal: AbortSignal): Promise<Map<string, SettingPlace[]>> {
  const { stdout } = await place.run(['sh', '-c', listing], signal);
  return settingsIn(await readTexts(place, stdout.split('\n').filter(Boolean), signal));
}

export function settingsIn(texts: ReadonlyMap<string, string>): Map<string, SettingPlace[]> {
  const found = new Map<string, SettingPlace[]>();
  for (const [file, text] of texts) {
    for (const [i, line] of text.split('\n').entries()) {
      const match = /^\s*-?\s*([\w./]+)\s*=\s*(.*?)\s*$/.exec(line);
      if (match === null) continue;
      const name = (match[1] ?? '').replaceAll('/', '.');
      const place = { file, line: i + 1, value: match[2] ?? '' };
      found.set(name, [...(found.get(name) ?? []), place]);
    }
  }
  return found;
}
