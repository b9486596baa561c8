// Parses a Stream mode client's answer to a frame, as strictly as the protocol requires.
import { asRecord, asText, parseRecord } from '../../common/json-body.ts';

/** The answer to one frame. `status` is 200 only if the delivery counts as accepted. */
export interface StreamAnswer {
  /** `messageId` of the frame. */
  id: string;
  status: number;
  body: string;
}

/** Returns the answer, or a text that describes the protocol error. */
export function readAnswer(data: Buffer): StreamAnswer | string {
  const answer = parseRecord(data.toString('utf8'));
  if (answer === undefined) return 'a frame is not a JSON object';
  const { code, headers, message, data: body } = answer;
  const { messageId, contentType } = asRecord(headers);
  if (typeof code !== 'number') return 'code is not a number';
  if (asText(messageId) === '') return 'headers.messageId is missing';
  if (contentType !== 'application/json') return 'headers.contentType is not application/json';
  if (typeof message !== 'string') return 'message is not text';
  const content = parseRecord(body);
  if (typeof body !== 'string' || content === undefined) return 'data is not the text of a JSON object';
  // Events have their own status in the data: with LATER, the app asks for a later redelivery.
  const isLater = content.status === 'LATER';
  return { id: asText(messageId), status: isLater ? 503 : code, body };
}
