// Starts the embedded profile with the lab in a temporary folder, on free ports, and stops it at the end.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../ops/installation/project-root.ts';
import { freePort } from '../../test/support/free-port.ts';
import { runMarked } from '../../test/support/spawn-marked.ts';

export interface Installation {
  playgroundUrl: string;
  /**
   * Runs a command of `./chatbot` and resolves with its output, in colour.
   * @throws Error with the output if it ends with another exit code than `expectedCode`
   */
  chatbot(command: string, expectedCode?: number): Promise<string>;
}

/** Calls `use` with a running installation. If the services cannot be stopped, their folder is kept. */
export async function withInstallation(use: (installation: Installation) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'chatbot-pictures-'));
  // The bot, its admin listener, and the four listeners of the lab.
  const port = await freePort(6);
  const env = {
    PATH: process.env.PATH,
    PROFILE: 'embedded',
    PORT: String(port),
    ADMIN_PORT: String(port + 1),
    LAB_PORT: String(port + 2),
    FORCE_COLOR: '1',
  };
  const chatbot = async (command: string, expectedCode = 0) => {
    const program = join(projectRoot(), 'dist/ops/main.js');
    const { code, stdout, stderr } = await runMarked(process.execPath, [program, command], { cwd: dir, env });
    if (code === expectedCode) return stdout;
    throw new Error(`chatbot ${command} ended with ${code} instead of ${expectedCode} in ${dir}:\n${stdout}${stderr}`);
  };
  try {
    await chatbot('up');
    await use({ playgroundUrl: `http://127.0.0.1:${port + 2}/`, chatbot });
  } finally {
    await chatbot('down');
    await rm(dir, { recursive: true, force: true });
  }
}
