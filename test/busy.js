// `make test-busy`: runs the tests several times beside programs that only use up the processors.
// usage: node test/busy.js [--rounds 3] [--spinners 6] [--workers 2] [-- <jest arguments>]

import { spawn } from 'node:child_process';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  options: {
    /** Number of runs. The first failed run is the last one. */
    rounds: { type: 'string', default: '3' },
    /** Number of processes in an endless loop. */
    spinners: { type: 'string', default: '6' },
    /** Concurrent test files. More of them get a larger share of the processors beside the spinners. */
    workers: { type: 'string', default: '2' },
  },
  allowPositionals: true,
});
const [rounds, spinners] = [Number(values.rounds), Number(values.spinners)];
const env = { ...process.env, TEST_WORKERS: values.workers };
const RUN_TESTS = fileURLToPath(new URL('run-tests.js', import.meta.url));

function print(text) {
  process.stdout.write(`${text}\n`);
}

function startSpinner() {
  // The spinner ends if this process is killed, because its standard input closes.
  const program =
    "process.stdin.on('end', () => process.exit()).resume(); setInterval(() => { for (const end = Date.now() + 50; Date.now() < end;); });";
  return spawn(process.execPath, ['-e', program], { stdio: ['pipe', 'ignore', 'inherit'] });
}

function runTests() {
  const child = spawn(process.execPath, [RUN_TESTS, ...positionals], { stdio: 'inherit', env });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => child.kill(signal));
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
}

const children = Array.from({ length: spinners }, startSpinner);
try {
  for (let round = 1; round <= rounds && process.exitCode === undefined; round += 1) {
    const code = await runTests();
    const load = loadavg()[0].toFixed(1);
    print(
      `Round ${round} of ${rounds} beside ${spinners} spinners ${code === 0 ? 'passed' : 'failed'} at load ${load}.`,
    );
    if (code !== 0) process.exitCode = code;
  }
} finally {
  for (const child of children) child.kill('SIGKILL');
}
