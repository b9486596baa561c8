// Verifies callbacks with Feishu's own SDK, to compare the results.
import { CardActionHandler, EventDispatcher } from '@larksuiteoapi/node-sdk';

export interface SdkCallback {
  timestamp: string;
  nonce: string;
  signature: string;
  rawBody: string;
}

const quiet = () => undefined;
const logger = { error: quiet, warn: quiet, info: quiet, debug: quiet, trace: quiet };

/** Returns the event if the SDK accepts the callback, otherwise undefined. */
export async function acceptedEvent(encryptKey: string, callback: SdkCallback): Promise<unknown> {
  let event: unknown;
  const dispatcher = new EventDispatcher({ encryptKey, logger }).register({
    'im.message.receive_v1': (data) => {
      event = data;
    },
  });
  await dispatcher.invoke(dataOf(callback));
  return event;
}

/** Returns true if the SDK accepts an old-style card callback. */
export async function acceptsCard(verificationToken: string, callback: SdkCallback): Promise<boolean> {
  let accepted = false;
  const handler = new CardActionHandler({ verificationToken, logger }, () => {
    accepted = true;
  });
  await handler.invoke(dataOf(callback));
  return accepted;
}

/** Returns the data for the SDK, which reads the headers from the prototype. */
function dataOf({ timestamp, nonce, signature, rawBody }: SdkCallback): object {
  const headers = {
    'x-lark-request-timestamp': timestamp,
    'x-lark-request-nonce': nonce,
    'x-lark-signature': signature,
  };
  return Object.assign(Object.create({ headers }), JSON.parse(rawBody));
}
