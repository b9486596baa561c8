// Runs one attack in a separate process, so that its work delays no genuine callback of the test process.
// usage: attacker.js <endpoint as JSON> <name of an attack> <its arguments as JSON>

import { type AttackName, attacks, start } from './attacks.ts';
import type { BotEndpoint } from './dial.ts';

const [endpoint = '', name = '', args = '[]'] = process.argv.slice(2);
const make = attacks[name as AttackName] as (...given: unknown[]) => ReturnType<(typeof attacks)[AttackName]>;
const running = start(JSON.parse(endpoint) as BotEndpoint, make(...JSON.parse(args))); // written by `underAttack`

process.on('message', () => process.send?.(running.counts()));
process.on('disconnect', () => process.exit());
