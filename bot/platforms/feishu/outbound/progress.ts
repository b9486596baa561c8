// Shows a card that is updated while the model generates the answer.

import type { Progress } from '../../../domain/channel.ts';
import { readFeishuTarget } from '../target.ts';
import type { FeishuApi, WithToken } from './api.ts';
import { cardOf, firstPartOf } from './render.ts';
import type { FeishuSender } from './send.ts';

export interface ProgressDeps {
  api: FeishuApi;
  sender: FeishuSender;
  withToken: WithToken;
}

export function createFeishuProgress({ api, sender, withToken }: ProgressDeps): Progress {
  return {
    async start(part, signal) {
      const target = readFeishuTarget(part.target);
      const text = part.text.trim() === '' ? 'Thinking…' : part.text;
      const result = await withToken(part, signal, (call) => sender.sendCard({ ...part, text, target }, call));
      return result.outcome === 'sent' ? result.platformMessageId : undefined;
    },
    async update(part, signal) {
      // Text beyond one card is sent with the finished answer. The split also closes an open code fence.
      const shown = firstPartOf(part.text);
      if (shown !== undefined) await withToken(part, signal, (call) => api.patch(part.replaces, cardOf(shown), call));
    },
  };
}
