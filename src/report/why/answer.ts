import type { WhyAnswer } from '../documents/why-answers.ts';
import { listingLines } from './listing.ts';
import { unixText } from './unix.ts';
import { type WhyStyle, whyText } from './why.ts';

/** The text of an answer about a port, a Unix socket, several of them, or all listeners. */
export function answerText(answer: WhyAnswer, style: WhyStyle): string[] {
  switch (answer.type) {
    case 'port':
      return whyText(answer, style);
    case 'socket':
      return unixText(answer, style);
    case 'listeners':
      return listingLines(answer, style.paint);
    case 'several':
      return answer.answers.flatMap((one, i) => [...(i === 0 ? [] : ['']), ...answerText(one, style)]);
  }
}
