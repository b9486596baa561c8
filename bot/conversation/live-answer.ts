// Shows a slow answer as it grows, in one message that the final answer then takes the place of.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress } from '../domain/channel.ts';
import type { OutboundPart } from '../domain/delivery.ts';

export interface LiveAnswerDeps {
  /** Missing where the platform cannot change a message. */
  progress?: Progress | undefined;
  /** The message as it is started: its text says that the bot is thinking. */
  part: OutboundPart;
  /** Milliseconds without an end until the answer is shown; 0 is never. */
  afterMs: number;
  /** Least milliseconds between two changes of the message. */
  everyMs: number;
  /** What an earlier attempt of the same message, before a crash, showed already. */
  shownId?: string | undefined;
  /** Keeps the platform's message id, so that a later attempt can go on with it. */
  onShown(id: string): Promise<void>;
  signal: AbortSignal;
}

export interface LiveAnswer {
  grow(soFar: string): void;
  /** Stops, waits for what is under way, and resolves with the id of the message that the answer takes the place of. */
  end(): Promise<string | undefined>;
}

/** Reason of an end that is no failure; without one, each end would make an error with its stack. */
const OVER = 'over';

/** How long `end` waits for a call of the platform before it gives it up. */
const END_WITHIN_MS = 3_000;

/** Never throws, and nothing depends on it: an answer that could not be shown early comes as usual. */
export function startLiveAnswer(deps: LiveAnswerDeps): LiveAnswer {
  const { signal } = deps;
  const calls = new AbortController();
  const pauses = new AbortController();
  const giveUp = () => {
    pauses.abort(OVER);
    calls.abort(OVER);
  };
  signal.addEventListener('abort', giveUp);
  if (signal.aborted) giveUp();
  const state: State = { id: deps.shownId, text: '' };
  const pause = (ms: number) => sleep(ms, undefined, { signal: pauses.signal, ref: false });
  // An ended pause, and a platform that fails, end the showing.
  const shown = show(deps, state, { pause, signal: calls.signal }).catch(() => {});
  return {
    grow(soFar) {
      state.text = soFar;
    },
    async end() {
      pauses.abort(OVER);
      const late = setTimeout(giveUp, END_WITHIN_MS).unref();
      await Promise.race([shown, aborted(calls.signal)]);
      clearTimeout(late);
      signal.removeEventListener('abort', giveUp);
      return state.id;
    },
  };
}

interface State {
  id: string | undefined;
  /** The answer as far as it is. */
  text: string;
}

interface Means {
  /** Rejects when the showing is over. */
  pause(ms: number): Promise<void>;
  signal: AbortSignal;
}

/** One call at a time, always with the newest text; runs until a pause is ended. */
async function show(
  { progress, part, ...deps }: LiveAnswerDeps,
  state: State,
  { pause, signal }: Means,
): Promise<void> {
  if (!progress || deps.afterMs === 0) return;
  if (state.id === undefined) {
    await pause(deps.afterMs);
    state.id = await progress.start(part, signal);
    if (state.id === undefined) return;
    await deps.onShown(state.id).catch(() => {}); // only an attempt after a crash would not know the id
  }
  for (let told = ''; ; await pause(deps.everyMs)) {
    if (state.text === told) continue;
    told = state.text;
    await progress.update({ ...part, text: told, replaces: state.id }, signal);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
