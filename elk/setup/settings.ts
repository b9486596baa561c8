// Reads the settings of the setup job and reports all problems at once.
import { z } from 'zod';

// Elasticsearch rejects shorter passwords, see
// https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-security-change-password (read 2026-11).
const password = z.string({ error: 'is not set' }).min(6, 'is shorter than 6 characters');

const schema = z.object({
  ELASTICSEARCH_URL: z.url({ error: 'is not a URL' }),
  KIBANA_URL: z.url({ error: 'is not a URL' }).optional(),
  ELASTIC_PASSWORD: password,
  KIBANA_SYSTEM_PASSWORD: password,
  LOGSTASH_WRITER_PASSWORD: password,
  METRICS_READER_PASSWORD: password,
});

export interface SetupSettings {
  elasticsearchUrl: string;
  /** If missing, Kibana is not set up. */
  kibanaUrl: string | undefined;
  elasticPassword: string;
  kibanaSystemPassword: string;
  logstashWriterPassword: string;
  metricsReaderPassword: string;
}

/**
 * Reads the settings from the environment. An empty value counts as not set. Throws one `SetupError` that names every
 * problem and the fix.
 */
export function readSettings(environment: NodeJS.ProcessEnv): SetupSettings {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const result = schema.safeParse({ ELASTICSEARCH_URL: 'http://elasticsearch:9200', ...given });
  if (!result.success) {
    const problems = result.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
    throw new SetupError(
      `${problems.join('; ')}. Set them in .env, or run make up, which generates missing passwords.`,
      2,
    );
  }
  return {
    elasticsearchUrl: result.data.ELASTICSEARCH_URL,
    kibanaUrl: result.data.KIBANA_URL,
    elasticPassword: result.data.ELASTIC_PASSWORD,
    kibanaSystemPassword: result.data.KIBANA_SYSTEM_PASSWORD,
    logstashWriterPassword: result.data.LOGSTASH_WRITER_PASSWORD,
    metricsReaderPassword: result.data.METRICS_READER_PASSWORD,
  };
}

/** Failure that the operator has to fix. Its message is printed without a stack. */
export class SetupError extends Error {
  override name = 'SetupError';
  /** 1: the setup failed. 2: the settings are wrong. */
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2 = 1, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
