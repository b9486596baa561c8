// Strangers in a process of their own, so that their work delays no genuine callback on this side of the wire.
// usage: attacker.js <door as JSON> <name of an attack> <its arguments as JSON>

import { type AttackName, attacks, start } from './attacks.ts';
import type { Door } from './door.ts';

const [door = '', name = '', args = '[]'] = process.argv.slice(2);
const make = attacks[name as AttackName] as (...given: unknown[]) => ReturnType<(typeof attacks)[AttackName]>;
const running = start(JSON.parse(door) as Door, make(...JSON.parse(args))); // written by `startAttacker`

process.on('message', () => process.send?.(running.counts()));
process.on('disconnect', () => process.exit());
