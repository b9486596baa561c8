// `ops settings <words>` as a process of its own.
import { command } from '../../../ops/settings/command.ts';

process.exitCode = await command.run(process.argv.slice(2));
