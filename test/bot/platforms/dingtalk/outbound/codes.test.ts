// Classification of DingTalk's codes: names of the new API, numbers of the old one.
import { describe, expect, test } from '@jest/globals';
import { codeNames, codeNumbers } from '../../../../../bot/platforms/dingtalk/outbound/code-table.ts';
import { classifyDingtalk, explainDingtalk } from '../../../../../bot/platforms/dingtalk/outbound/codes.ts';
import { resultOfFailure } from '../../../../../bot/platforms/shared/platform-call.ts';

describe('codes of the new API', () => {
  test.each([
    ['invalidClientIdOrSecret', 'credentials'],
    ['invalid.client', 'credentials'],
    ['unauthorized.client', 'credentials'],
    ['invalidParameter.robotCode.empty', 'bad_request'],
    ['invalidParameter.robotCode.auth', 'bad_request'],
    ['invalidParameter.robotCode.notExsit', 'bad_request'],
    ['invalidParameter.robotCode.invalid', 'bad_request'],
    ['invalidParameter.userIds.empty', 'bad_request'],
    ['invalidParameter.msgKey.invalid', 'bad_request'],
    ['invalidParameter.msgParam.invalid', 'bad_request'],
    ['invalidParameter.msgParam.tooLong', 'too_large'],
    ['staffId.notExisted', 'target_gone'],
    ['robot.oto.notExist', 'target_gone'],
    ['chatbotId.notAllow.sendOTO', 'target_gone'],
    ['invalid.openConversationId', 'target_gone'],
    ['miss.openConversationId', 'target_gone'],
    ['group.disbanded', 'target_gone'],
    ['conversation.org.notMatch', 'target_gone'],
    ['bot.stopped', 'target_gone'],
    ['template.stopped', 'target_gone'],
    ['bot.forbidden.sendMessage', 'target_gone'],
    ['send.forbidden', 'target_gone'],
    ['send.too.fast', 'rate_limited'],
    ['send.byToken.tooFast', 'rate_limited'],
    ['too.many.group', 'rate_limited'],
    ['too.many.people', 'rate_limited'],
    ['ip.not.match', 'ip_denied'],
    ['keywords.not.match', 'content_rejected'],
    ['sign.not.match', 'signature'],
    ['contain.unsafe.url', 'content_rejected'],
    ['contain.notAllowed.text', 'content_rejected'],
    ['contain.notAllowed.picture', 'content_rejected'],
    ['contain.notAllowed.content', 'content_rejected'],
    ['session.notExisted', 'session_expired'],
    ['session.expired', 'session_expired'],
    ['token.invalid', 'token_expired'],
    ['token.notExisted', 'token_expired'],
    ['InvalidAuthentication', 'token_expired'],
    ['Forbidden.AccessDenied.IpNotInWhiteList', 'ip_denied'],
    ['Forbidden.AccessDenied.AccessTokenPermissionDenied', 'permission'],
    ['Forbidden.AccessDenied.SomethingNew', 'permission'],
    ['Forbidden.AccessDenied.QpsLimitForAppkeyAndApi', 'rate_limited'],
    ['QpsLimitForApi', 'rate_limited'],
    ['ApiCountLimitForOrg', 'quota'],
    ['Forbidden.AccessDenied.ApiCountLimitForOrg', 'quota'],
    ['auth.error', 'permission'],
    ['unauthorized', 'permission'],
    ['resource.unavailable', 'platform_error'],
    ['system.error', 'platform_error'],
    ['resource.not.found', 'unknown'],
    ['something.unknown', 'unknown'],
    ['', 'unknown'],
  ])('%s is %s', (code, name) => {
    expect(classifyDingtalk(code, 'text', 400)).toBe(name);
  });
});

describe('codes of the old API and of webhooks', () => {
  test.each([
    [-1, 'platform_error'],
    [88, 'permission'],
    [33001, 'credentials'],
    [40013, 'credentials'],
    [40014, 'token_expired'],
    [42001, 'token_expired'],
    [40035, 'bad_request'],
    [40089, 'credentials'],
    [43002, 'bad_request'],
    [43004, 'bad_request'],
    [43005, 'bad_request'],
    [50002, 'permission'],
    [60011, 'permission'],
    [60020, 'ip_denied'],
    [71009, 'bad_request'],
    [90002, 'rate_limited'],
    [90018, 'rate_limited'],
    [90020, 'quota'],
    [130101, 'rate_limited'],
    [300001, 'session_expired'],
    [300005, 'credentials'],
    [302033, 'rate_limited'],
    [400013, 'target_gone'],
    [400101, 'credentials'],
    [400102, 'target_gone'],
    [400105, 'bad_request'],
    [400106, 'target_gone'],
    [410100, 'rate_limited'],
    [430101, 'content_rejected'],
    [430102, 'content_rejected'],
    [430103, 'content_rejected'],
    [430104, 'content_rejected'],
    [460101, 'too_large'],
    [900004, 'credentials'],
    [900005, 'signature'],
    [900006, 'signature'],
    [900007, 'credentials'],
    [900008, 'credentials'],
    [900009, 'credentials'],
    [900010, 'credentials'],
    [77777, 'unknown'],
  ])('%d is %s', (code, name) => {
    expect(classifyDingtalk(code, 'text', 200)).toBe(name);
  });
});

describe('310000 is classified by its message', () => {
  test.each([
    ['keywords not in content', 'content_rejected'],
    [
      '错误描述:关键词不匹配;解决方案:请联系群管理员查看此机器人的关键词，并在发送的信息中包含此关键词;',
      'content_rejected',
    ],
    ['description:关键词不匹配;solution:请在发送的信息中包含此关键词;', 'content_rejected'],
    ['ip 203.0.113.7 not in whitelist', 'ip_denied'],
    ['错误描述:ip 203.0.113.7 不在白名单之内;解决方案:请联系群管理员查看白名单的ip列表;', 'ip_denied'],
    ['sign not match', 'signature'],
    ['description:签名不匹配;solution:请联系群管理员查看机器人的签名;', 'signature'],
    ['invalid timestamp', 'signature'],
    ['错误描述:机器人发送签名过期;解决方案:签名生成时间和发送时间请保持在 1 小时以内;', 'signature'],
    ['description:时间戳无效;', 'signature'],
    ['', 'unknown'],
    ['something unknown', 'unknown'],
  ])('%s', (message, name) => {
    expect(classifyDingtalk(310000, message, 200)).toBe(name);
  });
});

describe('300001 is classified by its message', () => {
  test.each([
    ['session 不存在', 'session_expired'],
    ['token is not exist', 'credentials'],
    ['markdown.title is null', 'bad_request'],
    ['参数不能为空', 'bad_request'],
    ['', 'session_expired'],
  ])('%s', (message, name) => {
    expect(classifyDingtalk(300001, message, 200)).toBe(name);
  });
});

describe('hints for the operator', () => {
  test.each([
    ['Forbidden.AccessDenied.AccessTokenPermissionDenied', '', true, 'qyapi_robot_sendmsg'],
    ['invalidParameter.robotCode.notExsit', '', false, 'DINGTALK_ROBOT_CODE'],
    ['robot.oto.notExist', '', false, 'Publish'],
    ['60020', '', true, 'allow list'],
    [310000, 'keywords not in content', false, 'keyword'],
    ['310000', '错误描述:关键词不匹配;', false, 'keyword'],
    [310000, 'invalid timestamp', false, 'NTP'],
    [310000, 'sign not match', false, 'SEC'],
    [310000, 'ip 203.0.113.7 not in whitelist', true, 'allow list'],
    [300005, 'token is not exist', true, 'webhook'],
  ])('explain %s %s', (code, message, retryable, fragment) => {
    expect(explainDingtalk(code, message)?.hint).toContain(fragment);
    const failure = {
      class: classifyDingtalk(code, message, 200),
      stage: 'send',
      code: String(code),
      message,
    } as const;
    expect(resultOfFailure(failure).outcome).toBe(retryable ? 'retrying' : 'dead');
  });

  test('have one or two sentences and a source', () => {
    const meanings = [...codeNames.map(([, meaning]) => meaning), ...Object.values(codeNumbers)];
    expect(meanings.filter(({ hint }) => !/^[A-Z].{15,160}\.$/.test(hint))).toEqual([]);
    expect([...new Set(meanings.map(({ source }) => source))].sort()).toEqual([
      'community',
      'guess',
      'official',
      'old',
    ]);
  });

  test.each(['', 'something.unknown', 77777])('do not exist for %p', (code) => {
    expect(explainDingtalk(code, '')).toBeUndefined();
  });
});

describe('without a known code, body and status decide', () => {
  const punished = '{"status":1111,"wait":5,"source":"x5","punish":"deny"}';
  test.each([
    { code: 'new.word', body: 'text', status: 429, name: 'rate_limited' },
    { code: 'new.word', body: 'text', status: 503, name: 'platform_error' },
    { code: undefined, body: punished, status: 200, name: 'rate_limited' },
    { code: undefined, body: punished, status: 403, name: 'rate_limited' },
    { code: undefined, body: '<html>busy</html>', status: 200, name: 'platform_error' },
    { code: undefined, body: '<html>busy</html>', status: 502, name: 'platform_error' },
    { code: undefined, body: '<html>busy</html>', status: 429, name: 'rate_limited' },
    { code: undefined, body: '', status: 502, name: 'platform_error' },
    { code: undefined, body: '{"novelty":1}', status: 429, name: 'rate_limited' },
    { code: undefined, body: '{"novelty":1}', status: 500, name: 'platform_error' },
    { code: undefined, body: '{"novelty":1}', status: 200, name: 'unknown' },
    { code: undefined, body: '{"message":"no Route matched with those values"}', status: 404, name: 'platform_error' },
    { code: undefined, body: '{"message":"Forbidden"}', status: 403, name: 'platform_error' },
  ])('$code $body with HTTP $status is $name', ({ code, body, status, name }) => {
    expect(classifyDingtalk(code, body, status)).toBe(name);
  });
});
