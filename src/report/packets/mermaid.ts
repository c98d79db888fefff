import { formatEndpoint } from '../../address.ts';
import type { Event } from '../../events.ts';
import type { RecordedConnection, Recording } from '../../observe/packets/recording.ts';
import type { Reporter, ReporterContext } from '../reporter.ts';
import { remarks } from './ladder.ts';
import { describeSegment, drawnOf, type LadderRow, ladderRows, replaysIn, type Step } from './rows.ts';

/** Writes a page of Markdown with one diagram for each connection. */
export function mermaidPage({ output }: ReporterContext): Reporter<Event> {
  const steps: Step[] = [];
  const paragraph = (text: string) => output.write(`${text}\n\n`);
  return {
    onEvent: (event) => {
      switch (event.type) {
        case 'run started':
          paragraph(`## ${event.run.scenario}: ${event.run.title}`);
          paragraph(event.run.claim);
          break;
        case 'step':
          steps.push(event);
          break;
        case 'recorded':
          diagrams(event.recording, steps).forEach(paragraph);
          break;
        case 'run finished': {
          const { outcome } = event;
          const reason = 'reason' in outcome ? `: ${outcome.reason}` : '';
          if (outcome.state !== 'passed') paragraph(`${outcome.state}${reason}`);
          break;
        }
        default:
          break;
      }
    },
  };
}

function diagrams(recording: Recording, steps: readonly Step[]): string[] {
  const { drawn, others } = drawnOf(recording);
  return [
    ...drawn.map((connection) => `\`\`\`mermaid\n${mermaid(connection, steps)}\n\`\`\``),
    [...replaysIn(drawn, 'a dashed arrow is'), ...others, ...remarks(recording)].join('; '),
  ];
}

/** A sequence diagram of a connection in the Mermaid language, which many Markdown viewers show as a picture. */
function mermaid(connection: RecordedConnection, steps: readonly Step[]): string {
  const { client, server } = connection;
  const lines = [
    `participant client as client<br/>${formatEndpoint(client)}`,
    `participant server as server<br/>${formatEndpoint(server)}`,
    ...ladderRows(connection, steps).flatMap(drawRow),
  ];
  return ['sequenceDiagram', ...lines.map((line) => `  ${line}`)].join('\n');
}

function drawRow(row: LadderRow): string[] {
  switch (row.type) {
    case 'step':
      return [`Note over client,server: ${escaped(row.text)}`];
    case 'segment': {
      const [from, to] = row.segment.sender === 'client' ? ['client', 'server'] : ['server', 'client'];
      const arrow = row.segment.source === 'replay' ? '-->>' : '->>';
      return [
        `${from}${arrow}${to}: ${row.at.toFixed(3)} ms ${describeSegment(row.segment)}`,
        ...notes(row.states),
      ];
    }
    case 'states':
      return notes(row.states);
    case 'left out': {
      const { client, server } = row.bytes;
      return [
        `Note over client,server: ${row.segments} segments more, ${client} bytes from the client, ${server} from the server`,
      ];
    }
  }
}

function notes({ client, server }: { client?: string; server?: string }): string[] {
  return [
    ...(client === undefined ? [] : [`Note left of client: ${client}`]),
    ...(server === undefined ? [] : [`Note right of server: ${server}`]),
  ];
}

// In Mermaid, a semicolon ends a statement, and # begins the name of a character.
function escaped(text: string): string {
  return text.replace(/[#;]/g, (character) => `#${character.charCodeAt(0)};`);
}
