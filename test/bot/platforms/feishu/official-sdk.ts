// The platform's own SDK as a second opinion on one callback.
import { CardActionHandler, EventDispatcher } from '@larksuiteoapi/node-sdk';

export interface SdkCallback {
  timestamp: string;
  nonce: string;
  signature: string;
  rawBody: string;
}

const quiet = () => undefined;
const logger = { error: quiet, warn: quiet, info: quiet, debug: quiet, trace: quiet };

/** The event that the SDK hands on when it takes the callback for genuine, otherwise undefined. */
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

/** Whether the SDK takes an old-style card callback for genuine. */
export async function acceptsCard(verificationToken: string, callback: SdkCallback): Promise<boolean> {
  let taken = false;
  const handler = new CardActionHandler({ verificationToken, logger }, () => {
    taken = true;
  });
  await handler.invoke(dataOf(callback));
  return taken;
}

/** The SDK looks for the headers on the prototype of the data. */
function dataOf({ timestamp, nonce, signature, rawBody }: SdkCallback): object {
  const headers = {
    'x-lark-request-timestamp': timestamp,
    'x-lark-request-nonce': nonce,
    'x-lark-signature': signature,
  };
  return Object.assign(Object.create({ headers }), JSON.parse(rawBody));
}
