// Tests the exact output of the text form and the Markdown form.
import { expect, test } from '@jest/globals';
import { duration, wrap } from '../../../../ops/diagnose/render/format.ts';
import { renderMarkdown } from '../../../../ops/diagnose/render/markdown.ts';
import { renderText } from '../../../../ops/diagnose/render/text.ts';
import type { CheckResult, Report, Verdict } from '../../../../ops/diagnose/report.ts';

const AT = '2026-11-22T09:45:03.000Z';
// Replaces times, because they are shown in the time zone of the machine.
const zoned = (text: string) =>
  text.replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d\d:\d\d/g, 'TIME').replace(/since \d\d:\d\d:\d\d/g, 'since CLOCK');

function check(id: string, change: Partial<CheckResult> = {}): CheckResult {
  return {
    id,
    title: id,
    layer: 0,
    critical: true,
    status: 'ok',
    summary: 'fine',
    startedAt: AT,
    ms: 3,
    facts: [],
    ...change,
  };
}

const verdict: Verdict = {
  id: 'FEISHU_APP_SECRET_WRONG',
  confidence: 'proven',
  blame: 'us.config',
  layer: 6,
  title: 'Feishu rejects the secret of app cli_a (code 10014).',
  impact: {
    text: '412 of 412 pushes to Feishu failed in 31 chats',
    platform: 'feishu',
    failed: 412,
    attempted: 412,
    chats: 31,
  },
  evidence: [
    { source: 'probe', ref: 'cred.feishu', at: AT, quote: 'cli_a is rejected with 10014 "app secret invalid"' },
  ],
  explains: ['cred.feishu'],
  onset: '2026-11-22T09:12:48.000Z',
  remedies: [{ text: 'Copy the secret again.', commands: ['make down && make up'], risk: 'credential' }],
  verify: './chatbot diagnose --only cred.feishu',
  runbook: 'docs/diagnose/FEISHU_APP_SECRET_WRONG.md',
};

const healthy: Report = {
  schemaVersion: 1,
  tool: { version: '0.4.0', node: 'v20', where: 'on this host' },
  startedAt: AT,
  window: { from: '2026-11-22T09:15:03.000Z', to: AT },
  outcome: 'healthy',
  contributing: [],
  alsoSeen: [],
  unexplained: [],
  ruledOut: ['NET_DNS_NXDOMAIN', 'NET_TCP_REFUSED'],
  checks: [check('cfg.schema'), check('net.feishu.dns'), check('net.feishu.tcp')],
  errorGroups: [],
  timeline: [],
  budget: { totalMs: 10_000, usedMs: 640, exhausted: false, externalCalls: { feishu: 1 } },
  redaction: [],
};

const broken: Report = {
  ...healthy,
  outcome: 'broken',
  primary: verdict,
  alsoSeen: [
    {
      ...verdict,
      id: 'DINGTALK_SIGN_MISMATCH',
      title: 'DingTalk signed with another secret; it works again.',
    },
  ],
  checks: [
    check('cfg.schema'),
    check('queue.outbox', { status: 'warn', summary: '3 given up' }),
    check('cred.feishu', { status: 'fail', code: '10014' }),
    check('net.model.dns', { status: 'skip', reason: 'not_configured', summary: 'not configured' }),
    check('net.model.tcp', { status: 'skip', reason: 'not_configured', summary: 'not configured' }),
    check('net.model.tls', { status: 'skip', reason: 'not_applicable', summary: 'no https' }),
  ],
};

const text = (report: Report, verbose = false) => zoned(renderText(report, { color: false, verbose, width: 100 }));

test('prints a healthy report as text', () => {
  expect(text(healthy)).toBe(`chatbot diagnose 0.4.0 · TIME · on this host
looked back 30 min · took 0.6 s of 10 s · read-only, 1 Feishu call

 HEALTHY      No fault found in 3 checks.

 RULED OUT    DNS · TCP

 3 checks: 3 ok   all of them: -v · to share: --markdown
`);
});

test('prints a broken report as text', () => {
  expect(text(broken)).toBe(`chatbot diagnose 0.4.0 · TIME · on this host
looked back 30 min · took 0.6 s of 10 s · read-only, 1 Feishu call

 ROOT CAUSE   FEISHU_APP_SECRET_WRONG                                       proven · blame us.config
 Feishu rejects the secret of app cli_a (code 10014).
   Impact     412 of 412 pushes to Feishu failed in 31 chats · since CLOCK (32 min ago)
   Evidence   cli_a is rejected with 10014 "app secret invalid"  [cred.feishu]
   Do now     Copy the secret again. (risk: credential)
              $ make down && make up
   Verify     ./chatbot diagnose --only cred.feishu
   Runbook    docs/diagnose/FEISHU_APP_SECRET_WRONG.md

 ALSO SEEN    DINGTALK_SIGN_MISMATCH  DingTalk signed with another secret; it works again.
 WARNING      3 given up  [queue.outbox]
 RULED OUT    DNS · TCP
 NOT RUN      net.model.*: not configured

 6 checks: 1 ok, 1 warn, 1 fail, 3 skip   all of them: -v · to share: --markdown
`);
});

test('lists every check if verbose', () => {
  const lines = text(broken, true).split('\n');
  expect(lines.filter((line) => / +\d+ ms {2}/.test(line)).map((line) => line.trim().split(/\s+/).slice(0, 2))).toEqual(
    broken.checks.map(({ status, id }) => [status, id]),
  );
});

test('prints a broken report as Markdown', () => {
  expect(zoned(renderMarkdown(broken))).toBe(`**Root cause (proven): FEISHU_APP_SECRET_WRONG**, blame us.config

Feishu rejects the secret of app cli_a (code 10014). 412 of 412 pushes to Feishu failed in 31 chats. Since TIME.

- cli_a is rejected with 10014 "app secret invalid" (cred.feishu)

**Do:** Copy the secret again. \`make down && make up\`
**Verify:** \`./chatbot diagnose --only cred.feishu\`
**Runbook:** docs/diagnose/FEISHU_APP_SECRET_WRONG.md

**Warnings:** queue.outbox: 3 given up

**Also seen:** DINGTALK_SIGN_MISMATCH: DingTalk signed with another secret; it works again.

**Ruled out:** DNS · TCP

**Not run:** net.model.*: not configured

6 checks: 1 ok, 1 warn, 1 fail, 3 skip, TIME, on this host
`);
});

test.each(['y'.repeat(50), '😀'.repeat(25), `y${'😀'.repeat(24)}`])(
  'limits Markdown to the size of a chat message: %s',
  (text) => {
    const long = {
      ...healthy,
      unexplained: Array.from({ length: 200 }, (_, index) => ({
        id: `x${index}`,
        kind: 'check' as const,
        weight: 1,
        text,
      })),
    };
    const markdown = renderMarkdown(long);
    expect([markdown.length <= 4000, markdown.isWellFormed()]).toEqual([true, true]);
  },
);

test.each([
  [0, '0 s'],
  [119_000, '119 s'],
  [120_000, '2 min'],
  [7_200_000, '2 h'],
  [172_800_000, '2 d'],
])('formats %i ms as %s', (ms, expected) => {
  expect(duration(ms)).toBe(expected);
});

test.each([
  ['a b c', 3, ['a b', 'c']],
  ['short', 80, ['short']],
  ['a-word-that-is-too-long b', 5, ['a-word-that-is-too-long', 'b']],
])('wraps %j at %i columns', (value, width, expected) => {
  expect(wrap(value, width)).toEqual(expected);
});
