import type { Event } from '../../events.ts';
import { many } from '../../many.ts';
import { inAscii } from '../ascii.ts';
import type { TourDocument } from '../documents/tour.ts';
import { Live } from '../live.ts';
import type { LadderForm } from '../packets/ladder.ts';
import { type Output, type Reporter, type ReporterContext, writeLines } from '../reporter.ts';
import { hang } from '../text.ts';
import { Transcript } from '../transcript.ts';
import { answerOf, type Stop } from './stop.ts';
import type { TourEvent } from './tour-event.ts';

/** The tour as a text: each question, its run as `demo --packets` shows it, and the answer. */
export function tourText(
  { output, paint, progress }: ReporterContext,
  form: LadderForm,
): Reporter<TourEvent, TourDocument> {
  const shown = form === 'ascii' ? inAscii(output) : output;
  const say = (...texts: readonly string[]) => writeLines(shown, texts);
  let transcript: Reporter<Event> | undefined;
  return {
    onEvent(event) {
      switch (event.type) {
        case 'question':
          transcript = transcriptOn(shown);
          say(
            ...hang(`${event.number} of ${event.of}  `, event.stop.title).map(paint.title),
            ...event.stop.question.flatMap((text) => ['', ...hang('', text)]),
            '',
          );
          break;
        case 'not drawn':
          say(...hang('', `no picture: ${event.why}`).map(paint.faint), '');
          break;
        case 'run':
          transcript?.onEvent?.(drawable(event.event, event.stop.connections));
          if (event.event.type === 'recorded') sayLeftOut(event.event, event.stop);
          break;
        case 'answer':
          say(...answerLines(event).flatMap((text) => ['', ...hang('', text)]), '');
          break;
        case 'over':
          say(...hang('', ending).map(paint.faint));
          break;
      }
    },
  };

  function transcriptOn(output: Output): Reporter<Event> {
    const style = { detail: 'checks', counters: 'not shown', pace: 'at once', ladder: form } as const;
    return progress === 'none' ? new Transcript(output, paint, style) : new Live(output, paint, style);
  }

  function sayLeftOut(
    { recording }: Extract<Event, { type: 'recorded' }>,
    { scenario, connections: most = recording.connections.length }: Stop,
  ): void {
    const left = recording.connections.length - most;
    if (left <= 0) return;
    const what = many(left, 'more connection is', 'more connections are');
    const text = `${what} not drawn here: "tcpclose demo ${scenario} --packets" draws them`;
    say(...hang('', text).map(paint.faint));
  }
}

const ending =
  'That is the end of the tour. "tcpclose list" shows all experiments, "tcpclose explain" the words, and "tcpclose why <port>" what is wrong with your port.';

function drawable(event: Event, most: number | undefined): Event {
  if (event.type !== 'recorded' || most === undefined) return event;
  const { recording } = event;
  return { ...event, recording: { ...recording, connections: recording.connections.slice(0, most) } };
}

function answerLines({ stop, run }: Extract<TourEvent, { type: 'answer' }>): readonly string[] {
  const answer = answerOf(stop, run);
  if (answer !== null) return answer;
  const reason = run.reason === null ? '' : ` (${run.reason})`;
  return run.outcome === 'skipped'
    ? ['This machine does not allow the run, so nothing is answered here.']
    : [`The run did not come out as expected here${reason}, so nothing is answered.`];
}
