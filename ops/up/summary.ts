// What `up` prints at its end: where to look, and what to run next.

import type { Settings } from '../../bot/config/settings.ts';
import { descriptors } from '../../bot/platforms/registry.ts';
import { columns } from '../process/columns.ts';
import { describeConnection, settledConnections } from '../status/connections.ts';
import { callableHost } from './embedded-services.ts';

/** How long `up` waits for the long connections, to tell whether they stand. */
const CONNECT_MS = 5_000;

/** Aligned lines, ready to print. */
export async function whereToLook({ settings, withLab }: { settings: Settings; withLab: boolean }): Promise<string> {
  const local = `http://${callableHost(settings.HOST)}:${settings.PORT}`;
  const admin = `http://${callableHost(settings.ADMIN_HOST)}:${settings.ADMIN_PORT}`;
  const rows = [
    ...(withLab ? [['Chat with the bot', `http://127.0.0.1:${settings.LAB_PORT}/`]] : []),
    ...(await inputPlaces(settings, { publicUrl: settings.PUBLIC_URL ?? local, statusUrl: `${admin}/status` })),
    ['Status, metrics', `${admin}/status  ${admin}/metrics`],
  ];
  return `\n${columns(rows)}\n\n${nextCommands()}`;
}

/** Rows that say how messages come in: the address for the platform's console, or how the long connection is. */
export async function inputPlaces(
  settings: Settings,
  { publicUrl, statusUrl }: { publicUrl: string; statusUrl: string },
): Promise<string[][]> {
  const byConnection = descriptors().some((platform) => platform.usesLongConnection(settings));
  const connections = byConnection ? await settledConnections(statusUrl, CONNECT_MS) : [];
  return descriptors().flatMap(({ id, name: { en: name }, callbackRoutes: [route], usesLongConnection }) => {
    if (!usesLongConnection(settings)) return [[`${name} callback`, `${publicUrl}${route}`]];
    const own = connections.filter((connection) => connection.platform === id);
    const words = own.length === 0 ? ['none is opened: no app, or the bot does not tell'] : own.map(describeConnection);
    return words.map((text) => [`${name} connection`, `opened by the bot, no callback address needed; ${text}`]);
  });
}

/** The commands that work in every profile. */
export function nextCommands(): string {
  return columns([
    ['make status', 'what runs, and how it is'],
    ['make logs', 'what it does (ARGS=-f follows)'],
    ['make diagnose', 'the cause, when something is wrong'],
    ['make down', 'stops everything; data is kept'],
  ]);
}
