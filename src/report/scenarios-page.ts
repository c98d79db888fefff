import { groupBy } from '../group.ts';
import type { LoadedScenario } from '../scenario/catalogue.ts';

/** The catalogue as a page of Markdown. */
export function scenariosPage(scenarios: readonly LoadedScenario[]): string {
  const sections = [...groupBy(scenarios, ({ topic }) => topic)].map(([topic, own]) =>
    [`## ${topic}`, ...own.map(describe)].join('\n\n'),
  );
  const heading = [
    '# Scenarios',
    'Written from the scenarios themselves by `npm run docs`. Run one with `tcpclose demo <name>`, a topic with `tcpclose test <topic>`.',
  ];
  return `${[...heading, ...sections].join('\n\n')}\n`;
}

function describe({ name, scenario }: LoadedScenario): string {
  const { title, claim, source, decides, needs, slow, parameters } = scenario;
  const options = Object.entries(parameters).map(
    ([option, { description, fallback }]) => `\`--${option}\` ${description} (${fallback})`,
  );
  const facts = [
    `Source: ${source.join('; ')}`,
    ...(decides.length === 0 ? [] : [`Decides: ${decides.join(', ')}`]),
    ...(needs.length === 0 ? [] : [`Needs: ${needs.join(', ')}`]),
    ...(slow === null ? [] : [`Slow: ${slow}`]),
    ...(options.length === 0 ? [] : [`Options: ${options.join('; ')}`]),
  ];
  return [`### ${name}: ${title}`, claim, facts.map((fact) => `- ${fact}`).join('\n')].join('\n\n');
}
