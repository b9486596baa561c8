// Compares the log actions and fields of ARCHITECTURE.md with the code that logs them.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { ConnectionEnd } from '../../bot/connections/connection-log.ts';
import { FATES, type SendFailure } from '../../bot/domain/delivery.ts';
import type { Inbox } from '../../bot/inbox/inbox.ts';
import { CALLBACK_ACTIONS } from '../../bot/telemetry/log-fields.ts';
import { createLogger } from '../../bot/telemetry/logger.ts';
import { chatbotFields, loggedActions } from './logged-actions.ts';
import { codeSpans, section, tableRows } from './markdown.ts';
import { projectFiles, readText } from './project-files.ts';

const contract = section(readText('ARCHITECTURE.md'), 'Log actions');
const rows = tableRows(contract, 'action').flatMap(([actions = '', fields = '']) =>
  codeSpans(actions).map((action) => ({ action, fields })),
);
const documented = new Map(rows.map(({ action, fields }) => [action, fields]));
const logged = loggedActions();

/** The paragraph about the fields of every line, of lines about one message, and of a caught error. */
const commonFields = codeSpans(contract.split('\n\n').find((paragraph) => paragraph.startsWith('Every line')) ?? '');

/** Distinguishes fields from their values. */
const isField = (code: string): boolean => code === 'error' || code.includes('.');

const sorted = (names: Iterable<string>): string[] => [...new Set(names)].sort();

test('every action is documented, and every documented action is logged', () => {
  expect(sorted(documented.keys())).toEqual(sorted(logged.keys()));
});

test.each([...logged])('the table has the fields of %s', (action, fields) => {
  const own = [...fields].filter((field) => field !== 'event.action' && field !== 'trace.id');
  expect(sorted(codeSpans(documented.get(action) ?? '').filter(isField))).toEqual(sorted(own));
});

test('every chatbot.* field of a line is documented, and every documented one is logged', () => {
  const names = codeSpans(contract).filter((code) => code.startsWith('chatbot.'));
  expect(sorted(names)).toEqual(sorted(chatbotFields()));
});

test('every line has the common fields and no others', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'chatbot-log-contract-'));
  try {
    const service = { name: 'clawdbot', version: '0.2.0' };
    const log = createLogger({ level: 'info', dir, secrets: [], service, stdout: false });
    log.info('x');
    log.error('x', { 'trace.id': 'a', error: Object.assign(new Error('broken'), { code: 'E1' }) });
    await log.close();
    const lines = readFileSync(join(dir, 'app.log'), 'utf8').trim().split('\n');
    const keys = lines.map((line) => Object.keys(JSON.parse(line)));
    const ofSomeLines = commonFields.filter((field) => field === 'trace.id' || field.startsWith('error.'));
    const ofEachLine = commonFields.filter((field) => field !== 'error' && !ofSomeLines.includes(field));
    expect(sorted(keys[0] ?? [])).toEqual(sorted(ofEachLine));
    expect(sorted(keys[1] ?? [])).toEqual(sorted([...ofEachLine, ...ofSomeLines]));
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test('names the actions that also go to callback.log', () => {
  const [sentence = ''] = contract.split('\n\n');
  expect(sorted(codeSpans(sentence).filter((code) => logged.has(code)))).toEqual(sorted(CALLBACK_ACTIONS.map(String)));
});

// A missing or additional value is a type error.
const connectionEnds: Record<ConnectionEnd['reason'], true> = {
  announced: true,
  silent: true,
  closed: true,
  stopped: true,
};
const stages: Record<SendFailure['stage'], true> = { token: true, send: true };
const failedMessages: Record<Awaited<ReturnType<Inbox['fail']>>, true> = { retrying: true, dead: true };

test.each([
  ['connection-closed', 'event.reason', Object.keys(connectionEnds)],
  ['message-failed', 'event.reason', Object.keys(failedMessages)],
  ['push-attempted', 'chatbot.push_outcome', FATES],
  ['push-attempted', 'chatbot.stage', Object.keys(stages)],
])('lists the values of %s, %s', (action, field, values) => {
  const [, list = ''] = new RegExp(`\`${field}\` \\(([^)]*)\\)`).exec(documented.get(action) ?? '') ?? [];
  expect(codeSpans(list)).toEqual(values);
});

test('the diagnosis searches the log only for actions that are logged', () => {
  const sources = projectFiles.filter((path) => path.startsWith('ops/diagnose/') && path.endsWith('.ts'));
  const searched = sources.flatMap((path) => [...readText(path).matchAll(/\['event\.action'\] [!=]== '([^']+)'/g)]);
  expect(searched.length).toBeGreaterThan(0);
  expect(searched.map(([, action = '']) => action).filter((action) => !logged.has(action))).toEqual([]);
});
