// Checks the Logstash files for known pitfalls of the image and of data streams.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { composeFile } from '../../compose/compose-file.ts';

const read = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../../../elk/logstash/${name}`, import.meta.url)), 'utf8');
const settings: Record<string, unknown> = parse(read('logstash.yml'));
const pipeline = read('pipeline/chatbot.conf').replace(/^\s*#.*$/gm, '');
const logstash = composeFile.services.logstash;

/** `name => value` pairs of one plugin, as text. */
function options(plugin: string): Record<string, string> {
  const start = pipeline.indexOf(`  ${plugin} {`);
  const body = pipeline.slice(start, pipeline.indexOf('\n  }', start));
  return Object.fromEntries(
    [...body.matchAll(/(\w+) => (.+)/g)].map(([, name = '', value = '']) => [name, value.trim()]),
  );
}

describe('the pipeline', () => {
  test('has a beats input, one ruby filter and an Elasticsearch output', () => {
    expect([...pipeline.matchAll(/^ {2}(\w+) \{/gm)].map(([, plugin]) => plugin)).toEqual([
      'beats',
      'ruby',
      'elasticsearch',
    ]);
  });

  test('does not store the raw line a second time', () => {
    expect(options('beats')).toEqual({ port: '5044', enrich: 'none' });
  });

  test('runs the filter from where the compose file mounts it', () => {
    expect(options('ruby')).toEqual({ path: '"/usr/share/logstash/ruby/chatbot.rb"' });
    expect(logstash?.volumes).toContain('./elk/logstash/ruby:/usr/share/logstash/ruby:ro');
  });

  test('writes to one stream under the id of the line, without auto routing', () => {
    expect(options('elasticsearch')).toEqual({
      hosts: '["http://elasticsearch:9200"]',
      user: '"logstash_writer"',
      password: `"\${LOGSTASH_WRITER_PASSWORD}"`,
      data_stream: '"true"',
      data_stream_type: '"logs"',
      data_stream_dataset: '"chatbot.app"',
      data_stream_namespace: '"default"',
      data_stream_auto_routing: '"false"',
      document_id: '"%{[@metadata][_id]}"',
      silence_errors_in_log: '["version_conflict_engine_exception"]',
      manage_template: '"false"',
    });
  });
});

describe('the settings', () => {
  test('open the API for health check and exporter, without other monitoring', () => {
    expect([settings['api.http.host'], settings['xpack.monitoring.enabled']]).toEqual(['0.0.0.0', false]);
  });

  test('keep the order of lines and allocate buffers in the heap', () => {
    expect([settings['pipeline.workers'], settings['pipeline.buffer.type'], settings['queue.type']]).toEqual([
      1,
      'heap',
      'memory',
    ]);
  });

  test('are not rewritten by the image, because no variable has the name of a setting', () => {
    const names = Object.keys(logstash?.environment ?? {});
    expect(names).toEqual(['LS_JAVA_OPTS', 'LOGSTASH_WRITER_PASSWORD']);
  });

  test('the folder of pipelines is mounted, which hides the sample pipeline of the image', () => {
    expect(logstash?.volumes).toContain('./elk/logstash/pipeline:/usr/share/logstash/pipeline:ro');
  });
});
