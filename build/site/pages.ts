import { readdirSync, readFileSync } from 'node:fs';
import { commands } from '../../src/cli/commands.ts';
import { catalogue, loadEntry } from '../../src/scenario/catalogue.ts';
import { exampleFile } from '../recorded/kept.ts';
import { commandPage, commandsPage } from './command-page.ts';
import { asSitePage, withScenarioLinks } from './links.ts';
import { scenarioPage } from './scenario-page.ts';
import { wordPages } from './word-page.ts';

export const shownCommands = commands.filter(({ hidden }) => !hidden);

/** All pages as Markdown, by their paths. */
export async function pages(repository: string): Promise<ReadonlyMap<string, string>> {
  const guides = readdirSync('docs').filter((file) => file.endsWith('.md'));
  const scenarios = await Promise.all(catalogue().map(loadEntry));
  return new Map([
    ['index.md', home],
    ...guides.map((file) => [file, guideOf(file, repository)] as const),
    ['commands/index.md', commandsPage(shownCommands)],
    ...(await Promise.all(
      shownCommands.map(async (entry) => [`commands/${entry.name}.md`, await commandPage(entry)] as const),
    )),
    ...scenarios.map((loaded) => [`scenarios/${loaded.name}.md`, scenarioPage(loaded)] as const),
    ...[...wordPages()].map(([path, text]) => [`${path}.md`, text] as const),
  ]);
}

function guideOf(file: string, repository: string): string {
  const text = asSitePage(file, readFileSync(`docs/${file}`, 'utf8'), repository);
  return file === 'scenarios.md' ? withScenarioLinks(text) : text;
}

export function titleOf(text: string): string {
  return /^# (.*)$/m.exec(text)?.[1] ?? '';
}

const front = 'A real run: the states of client and server over time, and the binds that failed';

const home = `---
layout: home
hero:
  name: tcpclose
  text: Why does bind say "Address already in use"?
  tagline: A laboratory for the end of TCP connections. It closes them for real, and shows what the kernel keeps.
  image: { src: /recorded/front.svg, alt: "${front}" }
  actions:
    - { theme: brand, text: "My problem is ...", link: /problems }
    - { theme: alt, text: "A tour in ten runs", link: /tour }
    - { theme: alt, text: "Why bind failed, in five minutes", link: /scenarios/server-first }
features:
  - { title: "A port is held", details: "tcpclose why 8080: who or what has it, for how long, and what to do", link: /commands/why }
  - { title: "A server is restarted", details: "tcpclose restart: does yours survive it, and what do its clients lose?", link: /commands/restart }
  - { title: "Connections pile up", details: "tcpclose audit: leaks, pile-ups, ports that run out, full queues", link: /commands/audit }
  - { title: "You want to see it happen", details: "tcpclose demo: one experiment with real processes on your own kernel", link: /scenarios }
---

## What the picture shows

![${front}](/recorded/front.svg)

It is a recorded run of \`tcpclose demo server-first\`. The server is killed first (✖). Its end of the connection stays in the kernel, in FIN_WAIT2 and then in TIME_WAIT, without a process. Each bind to its port fails with EADDRINUSE. Time is not to scale. [The whole run, explained](/scenarios/server-first).

## What it prints

Here a server was killed while a client was connected. No process has the port, and a bind to it fails:

\`\`\`text
${readFileSync(exampleFile('why-killed'), 'utf8').trimEnd()}
\`\`\`

Nothing is simulated: it reports only what it has just observed on your kernel. [All commands](/overview), [how far to trust it](/trust).
`;
