// A process that logs secrets in many places of a line. Arguments: folder, secrets separated by commas.
import { createLogger, type LogFields } from '../../../../bot/telemetry/logger.ts';

const [dir = '', list = ''] = process.argv.slice(2);
const secrets = list.split(',');
const log = createLogger({ level: 'debug', dir, secrets, service: { name: 'clawdbot', version: '1.2.3' } });

function errorWith(secret: string): Error {
  const cause = Object.assign(new Error(`cause ${secret}`), {
    code: 'ECONNREFUSED',
    config: { headers: { a: secret } },
  });
  return Object.assign(new TypeError(`failed ${secret}`, { cause }), { response: { data: secret }, status: 500 });
}

function places(secret: string): Record<string, unknown> {
  return {
    'trace.id': secret,
    'chatbot.text': `before ${secret} after`,
    'chatbot.nested': { deep: { deeper: [secret, { [secret]: secret }] } },
    'chatbot.map': new Map([[secret, new Set([secret])]]),
    'chatbot.url': new URL(`https://example.com/?a=${encodeURIComponent(secret)}`),
    'chatbot.json': JSON.stringify({ body: JSON.stringify({ secret }) }),
    'chatbot.error': errorWith(secret),
    'chatbot.list': [errorWith(secret), Buffer.from(secret)],
    [secret]: 1,
    error: errorWith(secret),
  };
}

for (const secret of secrets) {
  // The types forbid most of these fields, but the log must redact them anyway.
  const fields = places(secret) as LogFields;
  log.info(`message ${secret}`, fields);
  log.child(fields).warn('from a child', { 'event.action': 'push-attempted' });
  log.debug('thrown text', { 'event.action': 'callback-received', error: secret });
  log.error('aggregate', { error: new AggregateError([errorWith(secret)], '', { cause: secret }) });
}
await log.close();
