// Shows a slow answer while it grows, in one message that the final answer then replaces.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress } from '../domain/channel.ts';
import type { OutboundPart } from '../domain/delivery.ts';

export interface LiveAnswerDeps {
  /** Missing if the platform cannot change a sent message. */
  progress?: Progress | undefined;
  /** Initial message, with a text such as "Thinking…". */
  part: OutboundPart;
  /** Milliseconds until an unfinished answer is shown; 0 disables this. */
  afterMs: number;
  /** Minimum milliseconds between two updates of the message. */
  everyMs: number;
  /** Platform's id of the message that an earlier attempt showed before the process crashed. */
  shownId?: string | undefined;
  /** Stores the platform's message id, so that a later attempt can update the same message. */
  onShown(id: string): Promise<void>;
  signal: AbortSignal;
}

export interface LiveAnswer {
  /** Records the complete text so far; it is shown at the next update. */
  update(soFar: string): void;
  /** Stops and waits for the call in progress. Returns the id of the message that the final answer has to replace. */
  end(): Promise<string | undefined>;
}

/** Abort reason of a normal end. Without a reason, `abort` creates an error with a stack each time. */
const ENDED = 'ended';

/** Maximum time that `end` waits for the platform call in progress before it aborts the call. */
const END_WITHIN_MS = 3_000;

/** Starts showing the answer. Never throws: if the platform fails, the user still receives the final answer. */
export function startLiveAnswer(deps: LiveAnswerDeps): LiveAnswer {
  const { signal } = deps;
  const calls = new AbortController();
  const pauses = new AbortController();
  const giveUp = () => {
    pauses.abort(ENDED);
    calls.abort(ENDED);
  };
  signal.addEventListener('abort', giveUp);
  if (signal.aborted) giveUp();
  const state: LiveAnswerState = { id: deps.shownId, text: '' };
  const pause = (ms: number) => sleep(ms, undefined, { signal: pauses.signal, ref: false });
  // `show` rejects when a pause is aborted. A bug of the channel rejects it too, and must not fail the answer.
  const shown = show(deps, state, { pause, signal: calls.signal }).catch(() => {});
  return {
    update(soFar) {
      state.text = soFar;
    },
    async end() {
      pauses.abort(ENDED);
      const late = setTimeout(giveUp, END_WITHIN_MS).unref();
      await Promise.race([shown, aborted(calls.signal)]);
      clearTimeout(late);
      signal.removeEventListener('abort', giveUp);
      return state.id;
    },
  };
}

interface LiveAnswerState {
  /** Platform's id of the shown message. */
  id: string | undefined;
  /** The complete text so far. */
  text: string;
}

interface ShowControls {
  /** Rejects when the live answer ends. */
  pause(ms: number): Promise<void>;
  signal: AbortSignal;
}

/**
 * Sends updates one at a time, each with the newest text, until a pause is aborted; then it rejects. Ends early if the
 * initial message could not be sent. A failed update is not repeated, and the next text is sent as usual.
 */
async function show(
  { progress, part, ...deps }: LiveAnswerDeps,
  state: LiveAnswerState,
  { pause, signal }: ShowControls,
): Promise<void> {
  if (!progress || deps.afterMs === 0) return;
  if (state.id === undefined) {
    await pause(deps.afterMs);
    state.id = await progress.start(part, signal);
    if (state.id === undefined) return;
    await deps.onShown(state.id).catch(() => {}); // the id is needed only after a crash, so continue without it
  }
  for (let sent = ''; ; await pause(deps.everyMs)) {
    if (state.text === sent) continue;
    sent = state.text;
    await progress.update({ ...part, text: sent, replaces: state.id }, signal);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
