// Rejects a start on ports that other programs use, and names those programs.

import { CommandError } from '../process/command-error.ts';
import { type Listen, listenProblem, portOwner } from '../process/port-owner.ts';

/**
 * Checks every port.
 * @throws CommandError that names every port in use, its owner and the setting that changes the port
 */
export async function rejectUsedPorts(listens: Listen[], ownPids: number[]): Promise<void> {
  const problems = listens.flatMap((listen, i) => {
    const other = listens.slice(0, i).find(({ port }) => port === listen.port);
    return other ? [`${other.setting} and ${listen.setting} both use port ${listen.port}: change one in .env.`] : [];
  });
  for (const listen of listens) {
    const code = await listenProblem(listen);
    if (code === undefined) continue;
    const owner = portOwner(listen.port);
    if (owner.pid !== undefined && ownPids.includes(owner.pid)) continue;
    problems.push(`${describe(listen, code, owner)}\n  ${fixFor(listen, code)}`);
  }
  if (problems.length > 0) throw new CommandError(`Nothing was started.\n${problems.join('\n')}`);
}

/** Returns the fix. If the address does not belong to this machine, another port does not help. */
function fixFor({ setting }: Listen, code: string): string {
  if (code === 'EADDRINUSE') return `Stop that program, or change ${setting} in .env.`;
  if (code === 'EACCES') return `Change ${setting} in .env to a number above 1023.`;
  return `Set ${setting.replace('PORT', 'HOST')} in .env to an address of this machine, such as 127.0.0.1 or 0.0.0.0.`;
}

function describe({ host, port }: Listen, code: string, owner: ReturnType<typeof portOwner>): string {
  if (code === 'EACCES') return `Port ${port} may not be opened by this user.`;
  if (code !== 'EADDRINUSE') return `Port ${port} on ${host} cannot be opened (${code}).`;
  if (owner.pid === undefined) {
    return `Port ${port} is taken by a program this user may not look into (sudo ss -ltnp 'sport = :${port}' shows it).`;
  }
  return `Port ${port} is taken by pid ${owner.pid}: ${owner.command ?? 'a program without a name'}`;
}
