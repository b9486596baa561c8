// Chat messages for a failed model call: each class has one, without internals.
import { expect, test } from '@jest/globals';
import { INFERENCE_ERROR_CLASSES, type InferenceErrorClass } from '../../../bot/domain/inference.ts';
import { failureMessage, withCutOffRemark } from '../../../bot/model/failure-messages.ts';
import { ModelError } from '../../../bot/model/model.ts';

const messageOf = (errorClass: InferenceErrorClass, language?: 'en' | 'zh') =>
  failureMessage(new ModelError(errorClass, 'E_CODE', 'sk-key at 10.0.0.1:8000'), language);

test.each(INFERENCE_ERROR_CLASSES)('%s has a message in both languages, without internals', (errorClass) => {
  expect(messageOf(errorClass)).toMatch(/^[A-Z][\w ,:/.]+\.$/);
  expect(messageOf(errorClass, 'zh')).toMatch(/^[\p{Script=Han}，/ a-z]+。$/u);
});

test.each<[InferenceErrorClass, RegExp]>([
  ['content_filter', /does not allow/],
  ['context_length', /too long.*\/reset/],
  ['rate_limited', /in a minute/],
  ['timeout', /too long to answer/],
  ['credentials', /operators/],
  ['quota', /operators/],
  ['model_not_found', /operators/],
  ['network', /try again in a moment/],
])('the message of %s names the next step', (errorClass, is) => {
  expect(messageOf(errorClass)).toMatch(is);
});

test('the remark on a cut answer is in the language of the answer', () => {
  expect(withCutOffRemark('so far')).toMatch(/^so far\n\n\(The answer was cut off here/);
  expect(withCutOffRemark('到此')).toMatch(/^到此\n\n（回答已达到/);
});
