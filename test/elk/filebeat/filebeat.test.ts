// filebeat.yml against the mistakes that are easy to make in it and lose lines without a word.
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
  test('is one filestream with the id it has always had', () => {
    expect(config['filebeat.inputs'].map(({ type, id }: { type: string; id: string }) => [type, id])).toEqual([
      ['filestream', 'chatbot-app'],
    ]);
  });

  test('follows app.log through both ways of rotation, and does not read the copy in callback.log', () => {
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

  test('knows files by their first bytes: both switches are on, and short files are read', () => {
    expect('file_identity.fingerprint' in input).toBe(true);
    expect(input['prospector.scanner.fingerprint']).toEqual({ enabled: true, length: 128 });
  });

  test('has the options of ndjson inside ndjson', () => {
    expect(input.parsers).toEqual([
      { ndjson: { target: '', overwrite_keys: true, expand_keys: true, add_error_key: true } },
    ]);
  });
});

test('reads the folder the bot writes to', () => {
  expect(composeFile.services.bot?.environment?.LOG_DIR).toBe('/var/log/bot');
});

test('hands over to Logstash and sets up nothing in Elasticsearch', () => {
  expect(Object.keys(config).filter((key) => key.startsWith('output.'))).toEqual(['output.logstash']);
  expect(config['output.logstash'].hosts).toEqual(['logstash:5044']);
  expect([config['setup.template.enabled'], config['setup.ilm.enabled']]).toEqual([false, false]);
});

test('keeps its place in the files across restarts', () => {
  expect(filebeat?.volumes).toContain('filebeat-data:/usr/share/filebeat/data');
});

test('takes a configuration file that belongs to whoever cloned the repository', () => {
  expect(filebeat?.command).toEqual(['filebeat', '-e', '--strict.perms=false']);
});

test('keeps its queue small enough for its memory, and flushes below its size', () => {
  const queue = config['queue.mem'];
  expect(queue.events).toBeLessThanOrEqual(1024);
  expect(queue['flush.min_events']).toBeLessThanOrEqual(queue.events);
});

test('answers the health check and the exporter', () => {
  expect(config.http).toEqual({ enabled: true, host: '0.0.0.0', port: 5066 });
});
