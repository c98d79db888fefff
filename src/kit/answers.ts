import { createHash } from 'node:crypto';
import type { Peer } from '../lab/ends/peer.ts';

interface FromAnswers {
  readonly from: 'answers';
  readonly jq: string;
}

/** A program of jq that finds a field of what the process of a peer last answered to a call: `lastAnswer(server, 'read', 'text')`. */
export function lastAnswer(peer: Peer, method: string, field: string): FromAnswers {
  return { from: 'answers', jq: `${answersOf(peer, method)} | last.result.${field}` };
}

/** The sum of a field over all answers to such calls: the bytes of many reads. */
export function sumOfAnswers(peer: Peer, method: string, field: string): FromAnswers {
  return { from: 'answers', jq: `${answersOf(peer, method)} | map(.result.${field}) | add` };
}

/** The errno of the last recv(2), or `end` if it returned 0 bytes. */
export function lastReceived(peer: Peer): FromAnswers {
  const { jq } = lastAnswer(peer, 'receive', 'errno');
  return { from: 'answers', jq: `${jq} // "end"` };
}

/** Whether the last read of that process got what has this SHA-256: `just what was sent` or `something else`. */
export function isJust(peer: Peer, sha256: string): FromAnswers {
  const { jq } = lastAnswer(peer, 'read', 'sha256');
  return {
    from: 'answers',
    jq: `${jq} | if . == "${sha256}" then "just what was sent" else "something else" end`,
  };
}

/** How many more descriptors the last count showed than the first. */
export const moreDescriptors: FromAnswers = {
  from: 'answers',
  jq: 'map(select(.method == "openDescriptors").result.descriptors) | last - first',
};

/** The last text of a file of the kernel that was read: `readOf('/proc/net/sockstat')`. */
export function lastRead(path: string, jq: string): FromAnswers {
  const reads = `map(select(.method == "read file" and .params.path == "${path}"))`;
  return { from: 'answers', jq: `${reads} | last.result | ${jq}` };
}

/** When the last bind that was tried passed, in milliseconds after that time, or a part of that. */
export function bindAfter(sinceMs: number, part = 1): FromAnswers {
  const passed = 'map(select(.method == "probe" and .result.bind == "ok")) | last';
  return { from: 'answers', jq: `${passed} | (.answeredMs - ${sinceMs}) * ${part} | [., .]` };
}

/** A part of the result of the last load.churn(): `.connected`. */
export function lastChurn(jq: string): FromAnswers {
  return { from: 'answers', jq: `map(select(.method == "churnProgress")) | last.result | ${jq}` };
}

/** How many connections of it did not end in time. */
export const lateInChurn = '(.outcomes["connect ETIME"] // 0) + (.outcomes["read ETIME"] // 0)';

/** The answers of one process to calls of one method, as the beginning of a program of jq. */
export function answersOf({ pid }: Peer, method: string): string {
  return `map(select(.pid == ${pid} and .method == "${method}"))`;
}

/** The hash of sent data, to compare with the hash in the result of a read. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
