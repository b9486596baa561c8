// Checks filebeat.yml for common mistakes that lose lines without an error.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { composeFile } from '../../compose/compose-file.ts';

const path = fileURLToPath(new URL('../../../elk/filebeat/filebeat.yml', import.meta.url));
const config = parse(readFileSync(path, 'utf8'));
const [input] = config['filebeat.inputs'];
const filebeat = composeFile.services.filebeat;

describe('the input', () => {
  test('is one filestream with an unchanged id', () => {
    expect(config['filebeat.inputs'].map(({ type, id }: { type: string; id: string }) => [type, id])).toEqual([
      ['filestream', 'chatbot-app'],
    ]);
  });

  test('reads app.log under both naming schemes of rotation, and not callback.log', () => {
    // Filebeat's globs: * stands for anything but a slash.
    const globs = input.paths.map(
      (glob: string) => new RegExp(`^${glob.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`),
    );
    const reads = (name: string) => globs.some((glob: RegExp) => glob.test(`/var/log/bot/${name}`));
    const names = [
      'app.log',
      'app1.log',
      'app.log.1',
      'app-2026-11-22.log',
      'callback.log',
      'callback.log.1',
      'other.txt',
    ];
    expect(names.filter(reads)).toEqual(['app.log', 'app1.log', 'app.log.1', 'app-2026-11-22.log']);
  });

  test('identifies files by their first 128 bytes, with both options set', () => {
    expect('file_identity.fingerprint' in input).toBe(true);
    expect(input['prospector.scanner.fingerprint']).toEqual({ enabled: true, length: 128 });
  });

  test('has the ndjson options inside ndjson', () => {
    expect(input.parsers).toEqual([
      { ndjson: { target: '', overwrite_keys: true, expand_keys: true, add_error_key: true } },
    ]);
  });
});

test('reads the folder that the bot writes to', () => {
  expect(composeFile.services.bot?.environment?.LOG_DIR).toBe('/var/log/bot');
});

test('sends lines to Logstash and sets up nothing in Elasticsearch', () => {
  expect(Object.keys(config).filter((key) => key.startsWith('output.'))).toEqual(['output.logstash']);
  expect(config['output.logstash'].hosts).toEqual(['logstash:5044']);
  expect([config['setup.template.enabled'], config['setup.ilm.enabled']]).toEqual([false, false]);
});

test('keeps its read positions across restarts', () => {
  expect(filebeat?.volumes).toContain('filebeat-data:/usr/share/filebeat/data');
});

test('accepts a configuration file of any owner', () => {
  expect(filebeat?.command).toEqual(['filebeat', '-e', '--strict.perms=false']);
});

test('has a queue that fits its memory, and flushes before the queue is full', () => {
  const queue = config['queue.mem'];
  expect(queue.events).toBeLessThanOrEqual(1024);
  expect(queue['flush.min_events']).toBeLessThanOrEqual(queue.events);
});

test('opens the HTTP endpoint for the health check and the exporter', () => {
  expect(config.http).toEqual({ enabled: true, host: '0.0.0.0', port: 5066 });
});
