// What people are told when there is no answer: something for every class, and nothing of the inside.
import { expect, test } from '@jest/globals';
import { INFERENCE_ERROR_CLASSES, type InferenceErrorClass } from '../../../bot/domain/inference.ts';
import { failureMessage, withCutOffRemark } from '../../../bot/model/failure-messages.ts';
import { ModelError } from '../../../bot/model/model.ts';

const words = (errorClass: InferenceErrorClass, language?: 'en' | 'zh') =>
  failureMessage(new ModelError(errorClass, 'E_CODE', 'sk-key at 10.0.0.1:8000'), language);

test.each(INFERENCE_ERROR_CLASSES)('%s has a sentence in both languages, without internals', (errorClass) => {
  expect(words(errorClass)).toMatch(/^[A-Z][\w ,:/.]+\.$/);
  expect(words(errorClass, 'zh')).toMatch(/^[\p{Script=Han}，/ a-z]+。$/u);
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
])('%s says what to do', (errorClass, is) => {
  expect(words(errorClass)).toMatch(is);
});

test('the remark on a cut answer follows its language', () => {
  expect(withCutOffRemark('so far')).toMatch(/^so far\n\n\(The answer was cut off here/);
  expect(withCutOffRemark('到此')).toMatch(/^到此\n\n（回答已达到/);
});
