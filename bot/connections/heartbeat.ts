// Tells a quiet connection from a dead one: it is asked, and any frame within the bound is an answer.

export interface HeartbeatOptions {
  pingEveryMs(): number;
  ping(): void;
  pongMs: number;
  onSilence(): void;
}

/** `onSilence` is called once; nothing happens after `stop`. */
export function createHeartbeat({ pingEveryMs, ping, pongMs, onSilence }: HeartbeatOptions) {
  let answered = true;
  let timer: NodeJS.Timeout | undefined;
  const rest = () => {
    timer = setTimeout(ask, pingEveryMs()).unref();
  };
  const ask = () => {
    answered = false;
    ping();
    // After a pause of this process the answer may be there, unread: it is read before `setImmediate`.
    timer = setTimeout(() => setImmediate(judge), pongMs).unref();
  };
  const judge = () => {
    if (timer === undefined) return;
    if (answered) rest();
    else onSilence();
  };
  return {
    start: rest,
    heard() {
      answered = true;
    },
    stop() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
