// Puts into Elasticsearch what the log pipeline needs: passwords, roles, users, template. Every call replaces: safe to repeat.
import type { Client, estypes } from '@elastic/elasticsearch';
import template from '../elasticsearch/index-template.json' with { type: 'json' };
import roles from '../elasticsearch/roles.json' with { type: 'json' };

const TEMPLATE_NAME = 'logs-chatbot';

export interface Passwords {
  kibanaSystemPassword: string;
  logstashWriterPassword: string;
  metricsReaderPassword: string;
}

/** Kibana's own user exists already; only its password is set. First, because Kibana is waiting for it. */
export async function setKibanaPassword(client: Client, { kibanaSystemPassword }: Passwords): Promise<void> {
  await client.security.changePassword({ username: 'kibana_system', password: kibanaSystemPassword, refresh: true });
}

/** The user of Logstash adds log lines; the user of the exporter reads the cluster's health. Neither may do more. */
export async function setUsers(client: Client, passwords: Passwords): Promise<void> {
  await setUser(client, {
    username: 'logstash_writer',
    password: passwords.logstashWriterPassword,
    role: 'chatbot_logs_writer',
    about: 'Writes the log lines of the chatbot',
  });
  await setUser(client, {
    username: 'metrics_reader',
    password: passwords.metricsReaderPassword,
    role: 'chatbot_metrics_reader',
    about: 'Reads the health of the cluster for Prometheus',
  });
}

interface User {
  username: string;
  password: string;
  role: keyof typeof roles;
  about: string;
}

async function setUser(client: Client, { username, password, role, about }: User): Promise<void> {
  // The client's type lists the names of privileges; JSON gives plain strings.
  const privileges = roles[role] as Omit<estypes.SecurityPutRoleRequest, 'name'>;
  await client.security.putRole({ name: role, ...privileges, refresh: true });
  await client.security.putUser({ username, password, roles: [role], full_name: about, refresh: true });
}

/** Mapping, replicas and retention of the data streams. It holds for the next backing index, not for those that exist. */
export async function putTemplate(client: Client): Promise<void> {
  // As above: JSON gives plain strings where the client's type lists words.
  await client.indices.putIndexTemplate({ name: TEMPLATE_NAME, ...(template as object) });
}
