// Runs the setup job against a real Elasticsearch with security on. Checks its results, a second run, and its errors.
import { fileURLToPath } from 'node:url';
import { Client, errors } from '@elastic/elasticsearch';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ElasticsearchNode, startElasticsearch } from '../../servers/elasticsearch/start-elasticsearch.ts';
import { type Finished, runMarked } from '../../support/spawn-marked.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const STREAM = 'logs-chatbot.app-default';

/** A line as Logstash sends it. */
const LINE = {
  '@timestamp': '2026-11-22T09:00:00.000Z',
  message: 'push attempted',
  log: { level: 'warn', offset: 1234, file: { path: '/var/log/bot/app.log' } },
  ecs: { version: '8.10.0' },
  event: { id: 'line-1', action: 'push-attempted', outcome: 'failure', reason: 'rate_limited', duration: 12_000_000 },
  error: { code: 99991400, message: 'too many requests', stack_trace: 'Error: too many requests' },
  trace: { id: '0af7651916cd43dd8448eb211c80319c' },
  service: { name: 'clawdbot', version: '0.1.0' },
  process: { pid: 1 },
  http: { response: { status_code: 200 } },
  chatbot: { platform: 'feishu', attempt: 2, code: '99991400', sign_timestamp: '1763802000', new_field: 'later' },
};

describe('elk/setup', () => {
  let node: ElasticsearchNode;
  let elastic: Client;
  let writer: Client;
  let reader: Client;

  beforeAll(async () => {
    node = await startElasticsearch();
    elastic = as('elastic', node.password);
    writer = as('logstash_writer', 'writer-password');
    reader = as('metrics_reader', 'reader-password');
  });

  afterAll(async () => {
    await Promise.all([elastic?.close(), writer?.close(), reader?.close()]);
    await node?.stop();
  });

  function as(username: string, password: string): Client {
    return new Client({ node: node.url, auth: { username, password }, maxRetries: 0 });
  }

  /** Runs the job as the container does. */
  function setUp(changes: NodeJS.ProcessEnv = {}): Promise<Finished> {
    const env = {
      PATH: process.env.PATH,
      ELASTICSEARCH_URL: node.url,
      ELASTIC_PASSWORD: node.password,
      KIBANA_SYSTEM_PASSWORD: 'kibana-password',
      LOGSTASH_WRITER_PASSWORD: 'writer-password',
      METRICS_READER_PASSWORD: 'reader-password',
      ...changes,
    };
    return runMarked(process.execPath, [`${ROOT}dist/elk/setup/main.js`], { env });
  }

  async function create(client: Client, id: string, document: object): Promise<number | undefined> {
    const answer = await client.bulk({
      operations: [{ create: { _index: STREAM, _id: id } }, document],
      refresh: true,
    });
    return answer.items[0]?.create?.status;
  }

  async function statusOf(call: Promise<unknown>): Promise<number | undefined> {
    return call.then(
      () => 200,
      (error: unknown) => (error instanceof errors.ResponseError ? error.statusCode : undefined),
    );
  }

  const done = {
    code: 0,
    stdout: 'Elasticsearch: passwords, roles, users and index template are in place.\n',
    stderr: '',
  };

  test('succeeds, also when it is run again', async () => {
    expect(await setUp()).toEqual(done);
    expect(await setUp()).toEqual(done);
  });

  test('applies a changed password of .env in the next run', async () => {
    expect(await setUp({ KIBANA_SYSTEM_PASSWORD: 'another-password' })).toEqual(done);
    const kibana = as('kibana_system', 'another-password');
    expect(await statusOf(kibana.security.authenticate())).toBe(200);
    await kibana.close();
  });

  test('the writer adds lines; adding the same line again is a conflict', async () => {
    expect(await create(writer, 'line-1', LINE)).toBe(201);
    expect(await create(writer, 'line-1', LINE)).toBe(409);
  });

  test('the writer reads the health of the cluster', async () => {
    expect(await statusOf(writer.cluster.health())).toBe(200);
    expect(await statusOf(writer.nodes.stats({ metric: ['fs', 'jvm'] }))).toBe(200);
  });

  test.each([
    ['search', (client: Client) => client.search({ index: STREAM })],
    ['delete', (client: Client) => client.deleteByQuery({ index: STREAM, query: { match_all: {} } })],
    [
      'write elsewhere',
      (client: Client) => client.index({ index: 'logs-other-default', op_type: 'create', document: LINE }),
    ],
    ['change the template', (client: Client) => client.indices.putIndexTemplate({ name: 'x', index_patterns: ['x'] })],
    ['see users', (client: Client) => client.security.getUser({ username: 'elastic' })],
  ])('the writer may not %s', async (_what, call) => {
    expect(await statusOf(call(writer))).toBe(403);
  });

  test('the reader of the exporter reads the pages that Prometheus asks for', async () => {
    expect(await statusOf(reader.cluster.health())).toBe(200);
    expect(await statusOf(reader.nodes.stats({ metric: ['fs', 'jvm'] }))).toBe(200);
  });

  test.each([
    ['read log lines', (client: Client) => client.search({ index: STREAM })],
    ['write log lines', (client: Client) => client.index({ index: STREAM, op_type: 'create', document: LINE })],
    [
      'change settings',
      (client: Client) => client.cluster.putSettings({ persistent: { 'cluster.max_shards_per_node': 500 } }),
    ],
    ['change the template', (client: Client) => client.indices.putIndexTemplate({ name: 'x', index_patterns: ['x'] })],
    ['see users', (client: Client) => client.security.getUser({ username: 'elastic' })],
  ])('the reader of the exporter may not %s', async (_what, call) => {
    expect(await statusOf(call(reader))).toBe(403);
  });

  test('the writer may not overwrite a line, not even in the index behind the stream', async () => {
    const [line] = (await elastic.search({ index: STREAM, seq_no_primary_term: true })).hits.hits;
    expect(line).toMatchObject({ _id: 'line-1' });
    const {
      _index: index = '',
      _id: id = '',
      _seq_no: if_seq_no = -1,
      _primary_term: if_primary_term = -1,
    } = line ?? {};
    expect(await statusOf(writer.index({ index, id, if_seq_no, if_primary_term, document: {} }))).toBe(403);
  });

  test('the fields of a line have the types that dashboards and searches need', async () => {
    const answer = await elastic.fieldCaps({
      index: STREAM,
      fields: [
        '@timestamp',
        'message',
        'event.*',
        'error.*',
        'chatbot.*',
        'trace.id',
        'log.level',
        'process.pid',
        'http.*',
      ],
      filters: '-metadata,-parent',
    });
    const types = Object.fromEntries(
      Object.entries(answer.fields).map(([name, caps]) => [name, Object.keys(caps).join()]),
    );
    expect(types).toMatchObject({
      '@timestamp': 'date',
      message: 'text',
      'event.duration': 'long',
      'event.action': 'keyword',
      'error.code': 'keyword',
      'error.message': 'text',
      'chatbot.attempt': 'long',
      'chatbot.code': 'keyword',
      'chatbot.sign_timestamp': 'keyword',
      'chatbot.new_field': 'keyword',
      'trace.id': 'keyword',
      'log.level': 'keyword',
      'process.pid': 'long',
      'http.response.status_code': 'long',
    });
  });

  test('a search finds the line by its trace id and by an error code given as text', async () => {
    const found = await elastic.search({
      index: STREAM,
      query: { bool: { filter: [{ term: { 'trace.id': LINE.trace.id } }, { term: { 'error.code': '99991400' } }] } },
    });
    expect(found.hits.hits.map((hit) => hit._source)).toEqual([LINE]);
  });

  test('an unmapped field is stored and not indexed', async () => {
    expect(await create(writer, 'line-2', { ...LINE, process: { pid: 1, title: 'node' } })).toBe(201);
    const answer = await elastic.fieldCaps({ index: STREAM, fields: ['process.*'], filters: '-metadata,-parent' });
    expect(Object.keys(answer.fields)).toEqual(['process.pid']);
  });

  test('the stream keeps lines for seven days without replicas', async () => {
    const answer = await elastic.indices.simulateIndexTemplate({ name: STREAM });
    expect(answer.template.settings).toMatchObject({ index: { number_of_replicas: '0' } });
    expect(answer.template).toMatchObject({ lifecycle: { data_retention: '7d' } });
    expect((await elastic.cluster.health({ index: `.ds-${STREAM}-*` })).status).toBe('green');
  });

  test('reports a wrong ELASTIC_PASSWORD with its fix, without printing a password', async () => {
    const { code, stdout, stderr } = await setUp({ ELASTIC_PASSWORD: 'not-the-password' });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('Elasticsearch rejects the password of user elastic.');
    expect(stderr).toContain('elasticsearch-reset-password -u elastic -i');
    expect(stderr).not.toMatch(/not-the-password|writer-password|reader-password|kibana-password/);
  });

  test('reports all missing settings at once', async () => {
    expect(await setUp({ ELASTIC_PASSWORD: '', LOGSTASH_WRITER_PASSWORD: 'abc' })).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'ELASTIC_PASSWORD is not set; LOGSTASH_WRITER_PASSWORD is shorter than 6 characters. ' +
        'Set them in .env, or run make up, which generates missing passwords.\n',
    });
  });
});
