import type { ValueQuestion } from '../../question.ts';

/** How the answer of a process shows again what a call returned. */
function question(observed: string, expected: string, jq: string): ValueQuestion {
  return {
    ...{ about: 'value', relation: 'equals', limits: [expected], segments: null },
    ...{ observed, derived: { from: 'answers', ends: null, jq } },
  };
}

/** Of the last recv(2) or send(2) of that process. */
export function callQuestion(
  method: 'receive' | 'send',
  pid: number,
  observed: string,
  expected: string,
): ValueQuestion {
  const usual = method === 'receive' ? ['0', 'end'] : ['1', 'a byte'];
  const said = `.errno // (if .bytes == ${usual[0]} then "${usual[1]}" else "\\(.bytes) bytes" end)`;
  const jq = `map(select(.method == "${method}" and .pid == ${pid})) | last.result | ${said}`;
  return question(observed, expected, jq);
}

/** Of the last listen or connect. */
export function startQuestion(observed: string, expected: string): ValueQuestion {
  const failed = 'if .failure then "\\(.failure.call): \\(.failure.errno)"';
  const passed = 'elif .method == "listen" then "listening" else "connected" end';
  return question(
    observed,
    expected,
    `map(select(.method == "listen" or .method == "connect")) | last | ${failed} ${passed}`,
  );
}

/** Of the last read of that process. */
export function readQuestion(pid: number, observed: string, expected: string): ValueQuestion {
  return question(observed, expected, `map(select(.method == "read" and .pid == ${pid})) | last.result.text`);
}
