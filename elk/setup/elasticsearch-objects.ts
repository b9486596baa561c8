// Sets passwords, roles, users and the index template in Elasticsearch. Every call overwrites and can be repeated.
import type { Client, estypes } from '@elastic/elasticsearch';
import template from '../elasticsearch/index-template.json' with { type: 'json' };
import roles from '../elasticsearch/roles.json' with { type: 'json' };

const TEMPLATE_NAME = 'logs-chatbot';

export interface Passwords {
  kibanaSystemPassword: string;
  logstashWriterPassword: string;
  metricsReaderPassword: string;
}

/** Sets the password of Kibana's built-in user. Comes first, because Kibana is waiting for it. */
export async function setKibanaPassword(client: Client, { kibanaSystemPassword }: Passwords): Promise<void> {
  await client.security.changePassword({ username: 'kibana_system', password: kibanaSystemPassword, refresh: true });
}

/**
 * Creates the user of Logstash, which may only add log lines, and the user of the exporter, which may only read the
 * cluster's health.
 */
export async function setUsers(client: Client, passwords: Passwords): Promise<void> {
  await setUser(client, {
    username: 'logstash_writer',
    password: passwords.logstashWriterPassword,
    role: 'chatbot_logs_writer',
    description: 'Writes the log lines of the chatbot',
  });
  await setUser(client, {
    username: 'metrics_reader',
    password: passwords.metricsReaderPassword,
    role: 'chatbot_metrics_reader',
    description: 'Reads the health of the cluster for Prometheus',
  });
}

interface ElasticsearchUser {
  username: string;
  password: string;
  role: keyof typeof roles;
  description: string;
}

async function setUser(client: Client, { username, password, role, description }: ElasticsearchUser): Promise<void> {
  // The client's type lists the names of privileges; the type of the JSON file has plain strings.
  const privileges = roles[role] as Omit<estypes.SecurityPutRoleRequest, 'name'>;
  await client.security.putRole({ name: role, ...privileges, refresh: true });
  await client.security.putUser({ username, password, roles: [role], full_name: description, refresh: true });
}

/**
 * Stores mapping, replicas and retention of the data streams. A change applies to the next backing index, not to
 * existing ones.
 */
export async function putTemplate(client: Client): Promise<void> {
  // The client's type lists the allowed strings; the type of the JSON file has plain strings.
  await client.indices.putIndexTemplate({ name: TEMPLATE_NAME, ...(template as object) });
}
