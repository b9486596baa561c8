// Runs the LiteLLM proxy on loopback, with models that answer from its built-in mocks.
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../../support/free-port.ts';
import { spawnMarked } from '../../support/spawn-marked.ts';

const cache =
  process.env.TEST_SERVERS_CACHE ??
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'chatbot-test-servers');
const bin = join(cache, 'litellm-1.81.0/bin');

/** Response of each model: a text, or the name of an exception that the proxy raises. */
const MODELS = {
  paris: 'The capital of France is Paris. 法国的首都是巴黎。',
  thinker: '<think>\nOkay, HIDDEN.\n</think>\n\nThe capital is Paris.',
  throttled: 'litellm.RateLimitError',
  short: 'litellm.ContextWindowExceededError',
  broken: 'litellm.InternalServerError',
};

export interface LiteLlmProxy {
  baseUrl: string;
  apiKey: string;
  stop(): Promise<void>;
}

export async function startLiteLlm(): Promise<LiteLlmProxy> {
  const port = await freePort();
  const apiKey = 'sk-proxy-0123456789';
  const folder = await mkdtemp(join(tmpdir(), 'chatbot-litellm-'));
  const models = Object.entries(MODELS).map(([name, mock_response]) => ({
    model_name: name,
    litellm_params: { model: 'openai/gpt-4o', api_key: 'sk-none', mock_response },
  }));
  // No server listens on port 9, so this provider is down.
  const down = { model: 'openai/x', api_key: 'sk-none', api_base: 'http://127.0.0.1:9/v1' };
  const config = {
    model_list: [...models, { model_name: 'down', litellm_params: down }],
    general_settings: { master_key: apiKey },
    litellm_settings: { num_retries: 0, telemetry: false },
    router_settings: { num_retries: 0, disable_cooldowns: true },
  };
  // JSON is valid YAML.
  await writeFile(join(folder, 'config.yaml'), JSON.stringify(config));
  // Started with its interpreter, because the first line of the program holds an absolute path that a copied folder
  // lacks.
  const program = join(bin, 'litellm');
  const args = [program, '--config', join(folder, 'config.yaml'), '--host', '127.0.0.1', '--port', String(port)];
  const child = spawnMarked(join(bin, 'python'), [...args, '--telemetry', 'False'], {
    cwd: folder,
    // Without the first variable, the proxy downloads its price list from the internet.
    env: { ...process.env, LITELLM_LOCAL_MODEL_COST_MAP: 'True', LITELLM_MODE: 'PRODUCTION', NO_PROXY: '*' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (part) => (output = `${output}${part}`.slice(-4_000)));
  const ended = once(child, 'exit');
  const isUp = () =>
    fetch(`http://127.0.0.1:${port}/health/liveliness`).then(
      ({ ok }) => ok,
      () => false,
    );
  const proxy = {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    apiKey,
    async stop() {
      child.kill();
      const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(late);
      await rm(folder, { recursive: true, force: true });
    },
  };
  while (!(await isUp())) {
    if (child.exitCode !== null) {
      await proxy.stop();
      throw new Error(`LiteLLM did not start:\n${output}`);
    }
    await wait(200);
  }
  return proxy;
}
