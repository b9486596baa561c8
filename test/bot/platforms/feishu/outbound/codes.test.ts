// Classification of Feishu's codes by the platform's published lists.
import { describe, expect, test } from '@jest/globals';
import { rows } from '../../../../../bot/platforms/feishu/outbound/code-table.ts';
import { classifyFeishu, explainFeishu } from '../../../../../bot/platforms/feishu/outbound/codes.ts';
import { resultOfFailure } from '../../../../../bot/platforms/shared/platform-call.ts';

describe('codes of the gateway and of tokens', () => {
  test.each([
    [99991400, 'rate_limited'],
    [99991401, 'ip_denied'],
    [99991403, 'quota'],
    [99991201, 'bad_request'],
    [99991301, 'bad_request'],
    [99991543, 'credentials'],
    [10003, 'credentials'],
    [10005, 'credentials'],
    [10012, 'credentials'],
    [10013, 'credentials'],
    [10014, 'credentials'],
    [10015, 'credentials'],
    [99991661, 'token_expired'],
    [99991662, 'credentials'],
    [99991663, 'token_expired'],
    [99991664, 'token_expired'],
    [99991665, 'token_expired'],
    [99991668, 'token_expired'],
    [99991671, 'token_expired'],
    [99991672, 'permission'],
    [99991673, 'credentials'],
    [99991674, 'bad_request'],
    [99991675, 'bad_request'],
    [99991676, 'permission'],
    [99991677, 'token_expired'],
    [20005, 'token_expired'],
    [99991679, 'permission'],
    [99992351, 'target_gone'],
    [99992352, 'target_gone'],
    [99992353, 'target_gone'],
    [99992354, 'target_gone'],
    [99992355, 'target_gone'],
    [99992356, 'target_gone'],
    [99992359, 'target_gone'],
    [99992360, 'target_gone'],
    [99992361, 'target_gone'],
    [99992363, 'target_gone'],
    [99992364, 'target_gone'],
    [99992381, 'target_gone'],
    [99992402, 'bad_request'],
    [1500, 'platform_error'],
    [2200, 'platform_error'],
    [5000, 'platform_error'],
    [4001, 'token_expired'],
  ])('%d is %s', (code, name) => {
    expect([classifyFeishu(code, 400), classifyFeishu(code, 200)]).toEqual([name, name]);
  });
});

describe('codes of messages', () => {
  test.each([
    [230001, 'bad_request'],
    [230002, 'target_gone'],
    [230006, 'permission'],
    [230011, 'target_gone'],
    [230013, 'target_gone'],
    [230015, 'target_gone'],
    [230017, 'bad_request'],
    [230018, 'target_gone'],
    [230019, 'target_gone'],
    [230020, 'rate_limited'],
    [230022, 'content_rejected'],
    [230025, 'too_large'],
    [230027, 'permission'],
    [230028, 'content_rejected'],
    [230029, 'target_gone'],
    [230034, 'target_gone'],
    [230035, 'target_gone'],
    [230036, 'target_gone'],
    [230038, 'target_gone'],
    [230049, 'rate_limited'],
    [230050, 'target_gone'],
    [230053, 'target_gone'],
    [230054, 'bad_request'],
    [230055, 'bad_request'],
    [230071, 'bad_request'],
    [230072, 'bad_request'],
    [230075, 'bad_request'],
    [230099, 'bad_request'],
    [230110, 'target_gone'],
    [230111, 'target_gone'],
    [231003, 'target_gone'],
    [232009, 'target_gone'],
    [232011, 'target_gone'],
    [232019, 'rate_limited'],
    [11232, 'rate_limited'],
    [11233, 'rate_limited'],
    [11247, 'rate_limited'],
    [11310, 'bad_request'],
    [100290, 'bad_request'],
    [200380, 'bad_request'],
    [200381, 'bad_request'],
    [200570, 'bad_request'],
    [200621, 'bad_request'],
    [200732, 'bad_request'],
    [200737, 'bad_request'],
    [200861, 'bad_request'],
  ])('%d is %s', (code, name) => {
    expect([classifyFeishu(code, 400), classifyFeishu(code, 200)]).toEqual([name, name]);
  });
});

describe('codes of the older message API', () => {
  test.each([
    [10002, 'target_gone'],
    [10010, 'target_gone'],
    [10030, 'target_gone'],
    [11205, 'permission'],
    [11207, 'credentials'],
    [11209, 'credentials'],
    [11210, 'credentials'],
    [11221, 'bad_request'],
    [11223, 'permission'],
    [11225, 'target_gone'],
    [11227, 'bad_request'],
    [11235, 'content_rejected'],
    [11236, 'target_gone'],
    [11237, 'target_gone'],
    [11240, 'permission'],
    [11242, 'target_gone'],
    [11244, 'bad_request'],
    [11245, 'bad_request'],
    [11246, 'bad_request'],
    [11248, 'content_rejected'],
    [11312, 'content_rejected'],
    [18054, 'bad_request'],
    [18113, 'target_gone'],
    [18121, 'rate_limited'],
  ])('%d is %s', (code, name) => {
    expect(classifyFeishu(code, 400)).toBe(name);
  });
});

describe('codes of a custom bot', () => {
  test.each([
    [9499, 'bad_request'],
    [19001, 'target_gone'],
    [19002, 'bad_request'],
    [19021, 'signature'],
    [19022, 'ip_denied'],
    [19024, 'content_rejected'],
    [19036, 'too_large'],
  ])('%d is %s', (code, name) => {
    expect(classifyFeishu(code, 200)).toBe(name);
  });
});

describe('without a known code, the status decides', () => {
  test.each([
    { code: 77777, status: 400, name: 'unknown' },
    { code: 77777, status: 200, name: 'unknown' },
    { code: 0, status: 200, name: 'unknown' },
    { code: 77777, status: 429, name: 'rate_limited' },
    { code: 77777, status: 503, name: 'platform_error' },
    { code: undefined, status: 429, name: 'rate_limited' },
    { code: undefined, status: 502, name: 'platform_error' },
    { code: undefined, status: 200, name: 'platform_error' },
    { code: undefined, status: 403, name: 'platform_error' },
  ])('$code with HTTP $status is $name', ({ code, status, name }) => {
    expect(classifyFeishu(code, status)).toBe(name);
  });

  test('a known code has precedence over the status', () => {
    expect(classifyFeishu(230002, 500)).toBe('target_gone');
    expect(classifyFeishu(10014, 429)).toBe('credentials');
  });
});

describe('hints for the operator', () => {
  const codes = rows.flatMap(([list]) => list);

  test('the table contains each code once', () => {
    expect(new Set(codes).size).toBe(codes.length);
  });

  test.each(codes)('%d has one short sentence and a source', (code) => {
    const { hint, source } = explainFeishu(String(code)) ?? {};
    expect(hint).toMatch(/^[A-Z].{15,120}\.$/);
    expect(['official', 'sdk', 'community']).toContain(source);
  });

  test.each([
    ['230020', true],
    ['99991672', true],
    ['230002', false],
    ['230099', false],
  ])('%s is retryable: %s', (code, retryable) => {
    const failure = { class: classifyFeishu(Number(code), 200), stage: 'send', code, message: '' } as const;
    expect(resultOfFailure(failure).outcome).toBe(retryable ? 'retrying' : 'dead');
  });

  test.each(['HTTP 502', '77777', '', 'ECONNRESET'])('%j has none', (code) => {
    expect(explainFeishu(code)).toBeUndefined();
  });
});
