// Puts into Elasticsearch what the log pipeline needs: passwords, role, user, template. Every call replaces: safe to repeat.
import type { Client, estypes } from '@elastic/elasticsearch';
import template from '../elasticsearch/index-template.json' with { type: 'json' };
import roles from '../elasticsearch/roles.json' with { type: 'json' };

/** The user Logstash writes as, and the exporter reads the cluster's health as. */
const WRITER = 'logstash_writer';
const WRITER_ROLE = 'chatbot_logs_writer';
const TEMPLATE_NAME = 'logs-chatbot';

export interface Passwords {
  kibanaSystemPassword: string;
  logstashWriterPassword: string;
}

/** Kibana's own user exists already; only its password is set. First, because Kibana is waiting for it. */
export async function setKibanaPassword(client: Client, { kibanaSystemPassword }: Passwords): Promise<void> {
  await client.security.changePassword({ username: 'kibana_system', password: kibanaSystemPassword, refresh: true });
}

/** Role and user that may add log lines and read the cluster's health, and nothing else. */
export async function setWriter(client: Client, { logstashWriterPassword }: Passwords): Promise<void> {
  // The client's type lists the names of privileges; JSON gives plain strings.
  const role = roles[WRITER_ROLE] as Omit<estypes.SecurityPutRoleRequest, 'name'>;
  await client.security.putRole({ name: WRITER_ROLE, ...role, refresh: true });
  await client.security.putUser({
    username: WRITER,
    password: logstashWriterPassword,
    roles: [WRITER_ROLE],
    full_name: 'Writes the log lines of the chatbot',
    refresh: true,
  });
}

/** Mapping, replicas and retention of the data streams. It holds for the next backing index, not for those that exist. */
export async function putTemplate(client: Client): Promise<void> {
  // As above: JSON gives plain strings where the client's type lists words.
  await client.indices.putIndexTemplate({ name: TEMPLATE_NAME, ...(template as object) });
}
