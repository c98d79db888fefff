import type { WhyDocument } from '../documents/why.ts';
import { type WhyAnswer, whyDocument } from '../documents/why-answers.ts';
import type { UnixDocument } from '../documents/why-unix.ts';
import { escaped, tableOf } from '../markdown/words.ts';
import { whyCases } from '../why/cases.ts';
import type { DocumentKind } from './kind.ts';

export const whyKind: DocumentKind<WhyAnswer> = {
  schema: whyDocument,
  title: () => 'tcpclose why',
  markdown,
  cases: whyCases,
};

function markdown(answer: WhyAnswer): string[] {
  switch (answer.type) {
    case 'listeners':
      return ['# Listeners', '', ...listenersTable(answer)];
    case 'several':
      return answer.answers.flatMap(markdown);
    case 'port':
      return answerLines(`Port ${answer.port}`, answer, holdersOfPort(answer));
    case 'socket':
      return answerLines(answer.name, answer, holdersOfSocket(answer));
  }
}

function answerLines(
  name: string,
  { verdict, meaning, advice }: WhyDocument | UnixDocument,
  holders: readonly (readonly string[])[],
): string[] {
  return [
    `# ${escaped(name)}: ${verdict}`,
    '',
    escaped(meaning),
    '',
    ...(holders.length === 0 ? [] : tableOf(['', 'process', 'command'], holders)),
    ...(advice.length === 0
      ? []
      : ['What to do:', '', ...advice.map((line, i) => `${i + 1}. ${escaped(line)}`), '']),
  ];
}

function holdersOfPort({ holders }: WhyDocument): string[][] {
  return holders.flatMap(({ kind, count, processes }) => {
    const what = escaped(`${kind} x${count}`);
    if (processes.length === 0) return [[what, 'none that is visible', '']];
    return processes.map(({ pid, command }) => [what, `pid ${pid}`, escaped(command)]);
  });
}

function holdersOfSocket({ holders }: UnixDocument): string[][] {
  return holders.flatMap(({ state, processes }) =>
    processes.map(({ pid, command }) => [state, `pid ${pid}`, escaped(command)]),
  );
}

function listenersTable({ listeners }: Extract<WhyAnswer, { type: 'listeners' }>): string[] {
  return tableOf(
    ['port', 'addresses', 'process', 'user'],
    listeners.map(({ port, protocol, addresses, processes, user }) => [
      `${protocol} ${port}`,
      escaped(addresses.join(' ')),
      escaped(processes.map(({ pid, command }) => `pid ${pid} ${command}`).join('; ')),
      escaped(user ?? ''),
    ]),
  );
}
