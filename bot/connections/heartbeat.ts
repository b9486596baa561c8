// Detects dead connections: sends pings, and expects any frame within `pongMs`.

export interface HeartbeatOptions {
  pingEveryMs(): number;
  ping(): void;
  pongMs: number;
  onSilence(): void;
}

/** Calls `onSilence` at most once, and never after `stop`. */
export function createHeartbeat({ pingEveryMs, ping, pongMs, onSilence }: HeartbeatOptions) {
  let answered = true;
  let timer: NodeJS.Timeout | undefined;
  const scheduleNext = () => {
    timer = setTimeout(sendPing, pingEveryMs()).unref();
  };
  const sendPing = () => {
    answered = false;
    ping();
    // If the process was paused, the answer may be received but unread. It is read before `setImmediate` callbacks run
    // (https://nodejs.org/en/learn/asynchronous-work/event-loop-timers-and-nexttick, read 2026-11).
    timer = setTimeout(() => setImmediate(checkAnswer), pongMs).unref();
  };
  const checkAnswer = () => {
    if (timer === undefined) return;
    if (answered) scheduleNext();
    else onSilence();
  };
  return {
    start: scheduleNext,
    noteFrame() {
      answered = true;
    },
    stop() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
