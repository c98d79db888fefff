import type { WriteStream } from 'node:tty';
import type { Ora } from 'ora';
import { columnsOf, pageWidth } from './columns.ts';

let quiet = false;

/** Stops all motion from now on. */
export function beQuiet(): void {
  quiet = true;
}

/** Whether something may move on standard error: on a terminal that supports it, and not in CI. */
export function canMove(): boolean {
  const { CI, TERM } = process.env;
  return !quiet && process.stderr.isTTY === true && !CI && TERM !== 'dumb';
}

/** One moving line of progress on standard error, if allowed. ora is loaded once there is something to show. */
export class Spinner {
  #text = '';
  #ora: Ora | undefined;
  #state: 'silent' | 'on' | 'off';

  constructor(progress: 'moving' | 'none' = canMove() ? 'moving' : 'none') {
    this.#state = progress === 'moving' ? 'silent' : 'off';
  }

  say(text: string): void {
    this.#text = text;
    if (this.#ora !== undefined) this.#ora.text = fitting(text);
    if (this.#state !== 'silent') return;
    this.#state = 'on';
    void this.#start();
  }

  /** Removes the line until the next frame. */
  clear(): void {
    this.#ora?.clear();
  }

  /** Removes the line for good. */
  stop(): void {
    this.#state = 'off';
    this.#ora?.stop();
  }

  async #start(): Promise<void> {
    const { default: ora } = await import('ora');
    if (this.#state === 'off') return;
    const stream = withColumns(process.stderr);
    const text = fitting(this.#text);
    // ora's own colours ignore NO_COLOR, and its own test of the terminal takes CI="" for CI.
    this.#ora = ora({ stream, text, color: false, isEnabled: true, discardStdin: false }).start();
  }
}

// Leaves room for the frame and a blank: a line that wraps cannot be removed after the terminal has been resized.
function fitting(text: string): string {
  return text.slice(0, Math.min(pageWidth(), columnsOf(process.stderr)) - 4);
}

/**
 * The stream without the fact that it has 0 columns: ora divides by them, and then clears Infinity lines. What ora changes (it replaces
 * write()) is kept separate, because it does the same with standard error itself.
 */
function withColumns(stream: WriteStream): WriteStream {
  const changed = new Map<PropertyKey, unknown>();
  return new Proxy(stream, {
    get(target, name) {
      if (name === 'columns') return columnsOf(target);
      if (changed.has(name)) return changed.get(name);
      const value = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
    set(_, name, value) {
      changed.set(name, value);
      return true;
    },
  });
}
