// Changes a card that the bot has sent, in place.
import { asRecord, parseRecord } from '../common/json-body.ts';
import { createRateWindow } from '../common/rate-window.ts';
import type { AcceptDeps } from './accept-message.ts';
import { checkContent } from './check-content.ts';
import { FeishuApiError } from './errors.ts';

/** Two weeks, in which the platform allows changes of a card. */
const changeableMs = 14 * 86_400_000;

/**
 * Creates the function that changes a card. The function throws `FeishuApiError` with the platform's code if it rejects
 * the change.
 */
export function createPatch({ messages, log, limitsRates, now }: AcceptDeps) {
  const perMessage = createRateWindow(5, 1_000, now);

  return (messageId: string, body: Record<string, unknown>): void => {
    const message = messages.get(messageId);
    if (message === undefined) throw new FeishuApiError(99992354);
    if (message.recalled) throw new FeishuApiError(230011);
    if (message.sent === undefined) throw new FeishuApiError(230027, 'the operator is not the sender of the message');
    if (message.sent.type !== 'interactive') throw new FeishuApiError(230054);
    if (message.sent.at < now() - changeableMs) throw new FeishuApiError(230031);
    const text = checkContent({ ...body, msg_type: 'interactive' });
    const { update_multi: isShared } = asRecord(parseRecord(body.content)?.config);
    if (isShared !== true) throw new FeishuApiError(230001, 'config.update_multi must be true');
    if (limitsRates() && !perMessage(messageId)) throw new FeishuApiError(230020);
    log.change(message.sent, text);
  };
}
