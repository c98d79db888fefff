import { formatEndpoint } from '../../address.ts';
import type { Event } from '../../events.ts';
import type { RecordedConnection, Recording } from '../../observe/packets/recording.ts';
import type { Output, Reporter } from '../reporter.ts';
import { remarks } from './ladder.ts';
import { describeSegment, drawnOf, type LadderRow, ladderRows, replaysIn, type Step } from './rows.ts';

/** A sequence diagram of a connection in the language of Mermaid, which Markdown shows as a picture in many places. */
export function mermaid(connection: RecordedConnection, steps: readonly Step[]): string {
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

// A semicolon ends a statement there, and # begins the name of a character.
function escaped(text: string): string {
  return text.replace(/[#;]/g, (character) => `#${character.charCodeAt(0)};`);
}

/** Writes a page of Markdown with one diagram for each connection. */
export class MermaidPage implements Reporter<Event> {
  readonly #output: Output;
  readonly #steps: Step[] = [];

  constructor(output: Output) {
    this.#output = output;
  }

  onEvent(event: Event): void {
    switch (event.type) {
      case 'run started':
        this.#paragraph(`## ${event.run.scenario}: ${event.run.title}`, event.run.claim);
        break;
      case 'step':
        this.#steps.push(event);
        break;
      case 'recorded':
        this.#recording(event.recording);
        break;
      case 'run finished':
        if (event.outcome.state !== 'passed')
          this.#paragraph(
            `${event.outcome.state}${'reason' in event.outcome ? `: ${event.outcome.reason}` : ''}`,
          );
        break;
      default:
        break;
    }
  }

  #recording(recording: Recording): void {
    const { drawn, others } = drawnOf(recording);
    for (const connection of drawn)
      this.#paragraph(`\`\`\`mermaid\n${mermaid(connection, this.#steps)}\n\`\`\``);
    this.#paragraph([...replaysIn(drawn, 'a dashed arrow is'), ...others, ...remarks(recording)].join('; '));
  }

  #paragraph(...texts: readonly string[]): void {
    for (const text of texts) this.#output.write(`${text}\n\n`);
  }
}
