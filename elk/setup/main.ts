// Setup job of the log pipeline: `node dist/elk/setup/main.js`. Runs on every `up` and can be repeated.
// Exit codes: 0 done, 1 failed, 2 wrong settings. The last line on stderr names the fix.
import { Client } from '@elastic/elasticsearch';
import { printable, printableLines } from '../../bot/telemetry/printable.ts';
import { putTemplate, setKibanaPassword, setUsers } from './elasticsearch-objects.ts';
import { KIBANA_LIMITS, putKibanaObjects, waitForKibana } from './kibana-objects.ts';
import { readSettings, SetupError, type SetupSettings } from './settings.ts';
import { waitForElasticsearch } from './wait-for-elasticsearch.ts';

async function run(): Promise<void> {
  const settings = readSettings(process.env);
  await setUpElasticsearch(settings);
  if (settings.kibanaUrl !== undefined) await setUpKibana(settings, settings.kibanaUrl);
}

async function setUpElasticsearch(settings: SetupSettings): Promise<void> {
  const client = new Client({
    node: settings.elasticsearchUrl,
    auth: { username: 'elastic', password: settings.elasticPassword },
    maxRetries: 2,
    requestTimeout: 30_000,
  });
  try {
    await waitForElasticsearch(client);
    await setKibanaPassword(client, settings);
    await setUsers(client, settings);
    await putTemplate(client);
    console.log('Elasticsearch: passwords, roles, users and index template are in place.');
  } finally {
    await client.close();
  }
}

/** Sets up Kibana. A failure is reported and does not stop the log pipeline, because Kibana only displays the logs. */
async function setUpKibana(settings: SetupSettings, url: string): Promise<void> {
  const target = { url, password: settings.elasticPassword };
  try {
    if ((await waitForKibana(target, KIBANA_LIMITS)) === 'absent') {
      console.log('Kibana: not part of this profile; its data view is added when it is started.');
      return;
    }
    await putKibanaObjects(target);
    console.log('Kibana: data view and saved search are in place.');
  } catch (error) {
    console.error(printable(`Kibana: ${error instanceof Error ? error.message : error}`));
    console.error('Logs are collected nevertheless. Repeat with: docker compose up elastic-setup');
  }
}

try {
  await run();
} catch (error) {
  // Prints the message only: errors of the client contain the request, and the request contains passwords.
  console.error(error instanceof Error ? printableLines(error.message) : 'The setup job failed.');
  process.exitCode = error instanceof SetupError ? error.exitCode : 1;
}
