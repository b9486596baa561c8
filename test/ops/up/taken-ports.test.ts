// Names ports and addresses that cannot be opened, with their fix.
import { createServer } from 'node:net';
import { expect, test } from '@jest/globals';
import { listen } from '../../../bot/http/listen.ts';
import { rejectUsedPorts } from '../../../ops/up/taken-ports.ts';
import { freePort } from '../../support/free-port.ts';

/** Reserved for documentation: https://www.rfc-editor.org/rfc/rfc5737 */
const FOREIGN = '203.0.113.5';

test.each([
  ['PORT', 'HOST'],
  ['ADMIN_PORT', 'ADMIN_HOST'],
])('blames not %s but %s for an address of another machine', async (setting, hostSetting) => {
  const fix = `Set ${hostSetting}( in \\.env)? to an address of this machine, such as 127\\.0\\.0\\.1 or 0\\.0\\.0\\.0\\.$`;
  const address = { host: FOREIGN, port: 18_789 };
  await expect(rejectUsedPorts([{ ...address, setting }], [])).rejects.toThrow(
    new RegExp(`EADDRNOTAVAIL.*\\n {2}${fix}`),
  );
  const app = () => undefined;
  await expect(listen({ app, ...address, portSetting: setting })).rejects.toThrow(
    new RegExp(`not an address of this machine\\. ${fix}`),
  );
});

test('names the program that uses the port', async () => {
  const port = await freePort();
  const other = createServer().listen(port, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  try {
    const problem = new RegExp(
      `Port ${port} is taken by pid ${process.pid}.*\\n {2}Stop that program, or change PORT in \\.env\\.$`,
    );
    await expect(rejectUsedPorts([{ host: '127.0.0.1', port, setting: 'PORT' }], [])).rejects.toThrow(problem);
  } finally {
    other.close();
  }
});
