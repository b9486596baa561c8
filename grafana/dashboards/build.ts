// Writes the dashboard and the alert rules for Grafana: `npm run dashboards`. With --check it writes nothing, and fails
// if a file is outdated.
import { readFile, writeFile } from 'node:fs/promises';
import { rulesYaml } from '../alerts/rules.ts';
import { overview } from './overview.ts';

const FILES: Record<string, () => string> = {
  'grafana/dashboards/chatbot-overview.json': () => `${JSON.stringify(overview(), null, 2)}\n`,
  'grafana/provisioning/alerting/rules.yaml': rulesYaml,
};

const check = process.argv.includes('--check');
for (const [path, render] of Object.entries(FILES)) {
  const wanted = render();
  const found = await readFile(path, 'utf8').catch(() => undefined);
  if (found === wanted) continue;
  if (check) {
    process.stderr.write(`${path} is outdated. Run: npm run dashboards\n`);
    process.exitCode = 1;
  } else {
    await writeFile(path, wanted);
    process.stdout.write(`wrote ${path}\n`);
  }
}
