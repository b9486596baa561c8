// Runs `ops settings <arguments>` in its own process.
import { command } from '../../../ops/settings/command.ts';

process.exitCode = await command.run(process.argv.slice(2));
