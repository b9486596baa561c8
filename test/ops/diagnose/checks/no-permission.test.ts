// Tests whose missing rights count as a fault of the bot.
import { expect, test } from '@jest/globals';
import { cfgSchema } from '../../../../ops/diagnose/checks/cfg.ts';
import { noPermission } from '../../../../ops/diagnose/checks/no-permission.ts';
import type { CheckContext } from '../../../../ops/diagnose/engine/check.ts';
import { createRealPorts } from '../../../../ops/diagnose/ports/real-ports.ts';

const real = createRealPorts({ dir: '/' });
const ports = (ownUser: number, files: Partial<typeof real.files> = {}) => ({
  proc: { ...real.proc, ownUser: () => ownUser },
  files: { ...real.files, ...files },
});
const denied = { path: '/etc/passwd', code: 'EACCES' }; // belongs to root, user 0

test('names the user to run as if the file belongs to another one', async () => {
  const outcome = await noPermission(ports(1000), denied);
  expect(outcome).toMatchObject({ status: 'unknown', reason: 'no_permission', code: 'EACCES' });
  expect(outcome?.summary).toContain('/etc/passwd; run as root: sudo -u root');
});

test('uses the parent of a path that is not visible, and a number without a name', async () => {
  const owner = async () => 4_000_000;
  expect((await noPermission(ports(1), { ...denied, path: '/etc/none/none' }))?.summary).toContain('run as root');
  expect((await noPermission(ports(1), { ...denied, path: '/none' }))?.summary).toContain('run as root');
  expect((await noPermission(ports(1, { owner }), denied))?.summary).toContain('run as 4000000');
});

test('compares with the user of the running bot, not with the owner of the file', async () => {
  const own = real.proc.ownUser();
  const owner = async (path: string) => (path.startsWith('/proc/') ? own : 4_000_000);
  expect(await noPermission(ports(own, { owner }), { ...denied, botPid: process.pid })).toBeUndefined();
  expect(await noPermission(ports(4_000_000), { ...denied, botPid: process.pid })).toMatchObject({ status: 'unknown' });
});

test.each(['ENOENT', 'ENOSPC', 'ECONNREFUSED', ''])('leaves the code %p to the check', async (code) => {
  expect(await noPermission(ports(1000), { ...denied, code })).toBeUndefined();
});

test('calls settings of another user unreadable, and not invalid', async () => {
  const problems = [{ name: '.env', problem: 'cannot use .env (EACCES).', fix: 'x' }];
  const check = cfgSchema({ settings: undefined, problems, unreadable: ['/etc/passwd'], secrets: [] });
  const run = (ownUser: number) => check.run({ ...real, ...ports(ownUser) } as unknown as CheckContext); // reads these ports
  expect(await run(1000)).toMatchObject({ status: 'unknown', reason: 'no_permission' });
  expect(await run(0)).toMatchObject({ status: 'fail', code: 'CONFIG' });
});
