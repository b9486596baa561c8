// Lists the scenarios in the order of `make chaos`.
import type { Scenario } from './scenario.ts';
import { clock } from './scenarios/clock.ts';
import { commands } from './scenarios/commands.ts';
import { database } from './scenarios/database.ts';
import { diskFull } from './scenarios/disk-full.ts';
import { kill } from './scenarios/kill.ts';
import { modelDown } from './scenarios/model-down.ts';
import { platformFaults } from './scenarios/platform-faults.ts';

export const scenarios: readonly Scenario[] = [kill, commands, database, modelDown, platformFaults, clock, diskFull];
