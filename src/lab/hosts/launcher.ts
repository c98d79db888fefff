import { TcpcloseError, UsageError } from '../../errors.ts';
import { ownFolder } from '../../start-program.ts';
import { formatSpan } from '../../time.ts';
import { Host, type PeerStart, type System } from './host.ts';
import { type SentPeer, sentPeer } from './remote-peer.ts';
import { runProgram } from './run-program.ts';

/** A host behind a prefix command: `ssh box`, `docker exec -i c`, `kubectl exec -i pod --`, `ip netns exec b`, `nsenter ...`. */
class LaunchedHost extends Host {
  readonly #words: 'as they are' | 'for a shell';
  readonly #peers: SentPeer | undefined;

  constructor(
    name: string,
    prefix: readonly string[],
    words: 'as they are' | 'for a shell',
    peers?: SentPeer,
  ) {
    super(name, prefix, undefined);
    this.#words = words;
    this.#peers = peers;
  }

  /** A launcher may be named, or find its files, relative to the folder of tcpclose. */
  override get folder(): string {
    return ownFolder();
  }

  override get peerStart(): PeerStart {
    return this.#known.start;
  }

  override get system(): System {
    return this.#known.system;
  }

  get #known(): SentPeer {
    if (this.#peers === undefined) throw new TypeError('it is not known how a peer starts there');
    return this.#peers;
  }

  withPeers(peers: SentPeer): LaunchedHost {
    return new LaunchedHost(this.name, this.prefix, this.#words, peers);
  }

  override wrap(command: readonly string[]): readonly [string, ...string[]] {
    return super.wrap(this.#words === 'for a shell' ? command.map(quoteForShell) : command);
  }
}

/**
 * Opens a launcher. ssh passes its words to a shell, the others start a program directly. A trial command shows which, and that the
 * launcher works.
 * @throws UsageError `bad-launcher` with the launcher's own error message
 */
export async function openLauncher(
  text: string,
  signal?: AbortSignal,
  patience: LaunchPatience = usualPatience,
): Promise<LaunchedHost> {
  const prefix = splitWords(text);
  if (prefix.length === 0) throw badLauncher(text, 'it has no words');
  const question = 'two  blanks';
  const echo = runProgram(
    new Host(text, prefix, undefined).wrap(['echo', question]),
    signal,
    patience.withinMs,
  );
  const { stdout, stderr, exitCode } = await unlessLate(echo, text, 'start a command', patience);
  const lines = stdout.split('\n').map((line) => line.trim());
  const answer = lines.find((line) => /^two {1,2}blanks$/.test(line));
  const banner = lines.find((line) => line !== '' && line !== answer);
  if (answer !== undefined && banner !== undefined) throw talkative(text, banner);
  if (answer !== undefined)
    return new LaunchedHost(text, prefix, answer === question ? 'as they are' : 'for a shell');
  const complaint = stderr.trim().split('\n').at(-1) ?? '';
  const silent = exitCode === -1 ? `${prefix[0]} cannot be started` : `it ended with status ${exitCode}`;
  throw badLauncher(text, complaint === '' ? silent : complaint);
}

/**
 * The same for peers, which need Node there.
 * @throws UsageError `bad-launcher`, `no-node`
 */
export async function openPeerLauncher(
  text: string,
  signal?: AbortSignal,
  patience: LaunchPatience = usualPatience,
): Promise<Host> {
  const host = await openLauncher(text, signal, patience);
  const peers = sentPeer(host, signal, patience.withinMs);
  return host.withPeers(await unlessLate(peers, text, 'start Node', patience));
}

/** How long a launcher may take to start a command, and what to call while it takes long. */
export interface LaunchPatience {
  readonly withinMs: number;
  slow(text: string): void;
}

const usualPatience: LaunchPatience = { withinMs: 30_000, slow: () => {} };
const silentMs = 2000;

/** @throws UsageError `bad-launcher` if it takes too long */
async function unlessLate<Value>(
  result: Promise<Value>,
  text: string,
  what: string,
  { withinMs, slow }: LaunchPatience,
): Promise<Value> {
  const limit = `${formatSpan(withinMs)} (--launch-timeout)`;
  const timer = setTimeout(() => slow(`waiting for "${text}" to ${what}, at most ${limit}`), silentMs);
  try {
    return await result;
  } catch (error) {
    if (!(error instanceof TcpcloseError && error.code === 'program-silent')) throw error;
    throw new UsageError(
      'bad-launcher',
      `"${text}" did not ${what} within ${limit}: try "${text} echo ok" by itself, or allow more time`,
      error,
    );
  } finally {
    clearTimeout(timer);
  }
}

function badLauncher(text: string, why: string): UsageError {
  return new UsageError(
    'bad-launcher',
    `"${text}" does not launch a command (${why}): give a command prefix, so that "${text} echo ok" prints ok`,
  );
}

/** Other output cannot be separated from that of the command. */
function talkative(text: string, banner: string): UsageError {
  return new UsageError(
    'bad-launcher',
    `"${text}" prints more than its command does ("${banner.slice(0, 80)}"): keep it silent (ssh -q, an empty ~/.hushlogin, no echo in the start-up files of its shell)`,
  );
}

/**
 * Splits a command as a shell does: at blanks outside quotes and backslashes.
 * @throws UsageError for a quote that does not end
 */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  const word = /\s*((?:[^\s'"\\]|\\.|'[^']*'|"(?:[^"\\]|\\.)*")+)\s*/suy;
  const { length } = text.trimEnd();
  for (let at = 0; at < length; at = word.lastIndex) {
    word.lastIndex = at;
    const match = word.exec(text);
    if (match === null) throw badLauncher(text, 'a quote does not end');
    words.push(unquote(match[1] ?? ''));
  }
  return words;
}

function unquote(word: string): string {
  return word.replace(
    /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/gsu,
    (_, single?: string, double?: string, escaped?: string) =>
      single ?? double?.replace(/\\(["\\$`])/gsu, '$1') ?? escaped ?? '',
  );
}

/** A word that a POSIX shell reads back unchanged. */
export function quoteForShell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
