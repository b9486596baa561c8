// Formats the final output of `up`: addresses of the services, and the next commands.

import type { Settings } from '../../bot/config/settings.ts';
import { descriptors } from '../../bot/platforms/registry.ts';
import { columns } from '../process/columns.ts';
import { describeConnection, settledConnections } from '../status/connections.ts';
import { callableHost } from './embedded-services.ts';

/** Maximum milliseconds that `up` waits until the long connections are open or have failed. */
const CONNECT_MS = 5_000;

const NO_CONNECTION = 'none yet: no app is configured, or `/status` of the bot is not available';

/** Returns aligned lines with the addresses and the next commands. */
export async function describeAddresses({
  settings,
  withLab,
}: {
  settings: Settings;
  withLab: boolean;
}): Promise<string> {
  const local = `http://${callableHost(settings.HOST)}:${settings.PORT}`;
  const admin = `http://${callableHost(settings.ADMIN_HOST)}:${settings.ADMIN_PORT}`;
  const rows = [
    ...(withLab ? [['Chat with the bot', `http://127.0.0.1:${settings.LAB_PORT}/`]] : []),
    ...(await inputRows(settings, { publicUrl: settings.PUBLIC_URL ?? local, statusUrl: `${admin}/status` })),
    ['Status, metrics', `${admin}/status  ${admin}/metrics`],
  ];
  return `\n${columns(rows)}\n\n${nextCommands()}`;
}

/** Returns a row per platform with its callback address or the state of its long connection. */
export async function inputRows(
  settings: Settings,
  { publicUrl, statusUrl }: { publicUrl: string; statusUrl: string },
): Promise<string[][]> {
  const byConnection = descriptors().some((platform) => platform.usesLongConnection(settings));
  const connections = byConnection ? await settledConnections(statusUrl, CONNECT_MS) : [];
  return descriptors().flatMap(({ id, name: { en: name }, callbackRoutes: [route], usesLongConnection }) => {
    if (!usesLongConnection(settings)) return [[`${name} callback`, `${publicUrl}${route}`]];
    const own = connections.filter((connection) => connection.platform === id);
    const states = own.length === 0 ? [NO_CONNECTION] : own.map(describeConnection);
    return states.map((text) => [`${name} connection`, `opened by the bot, no callback address needed; ${text}`]);
  });
}

/** Returns the commands that are available in every profile. */
export function nextCommands(): string {
  return columns([
    ['make status', "running services, their ports, and the bot's health"],
    ['make logs', 'log lines of the services (ARGS=-f follows)'],
    ['make diagnose', 'the cause of a fault'],
    ['make down', 'stops everything; data is kept'],
  ]);
}
