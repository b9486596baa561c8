// What `up` prints at its end: where to look, and what to run next.

import type { Settings } from '../../bot/config/settings.ts';
import { columns } from '../process/columns.ts';
import { callableHost } from './embedded-services.ts';

/** Aligned lines, ready to print. */
export function whereToLook({ settings, withLab }: { settings: Settings; withLab: boolean }): string {
  const local = `http://${callableHost(settings.HOST)}:${settings.PORT}`;
  const publicUrl = settings.PUBLIC_URL ?? local;
  const admin = `http://${callableHost(settings.ADMIN_HOST)}:${settings.ADMIN_PORT}`;
  const rows = [
    ...(withLab ? [['Chat with the bot', `http://127.0.0.1:${settings.LAB_PORT}/`]] : []),
    ['Feishu callback', `${publicUrl}/feishu/verify`],
    ['DingTalk callback', `${publicUrl}/dingtalk/callback`],
    ['Status, metrics', `${admin}/status  ${admin}/metrics`],
  ];
  return `\n${columns(rows)}\n\n${nextCommands()}`;
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
