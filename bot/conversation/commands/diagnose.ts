// The command `/diagnose`: runs the doctor and sends its report to the chat. For operators only.
import type { Phrases } from '../phrases.ts';
import type { ChatCommand } from './command.ts';
import type { Doctor, DoctorRun } from './doctor.ts';

/** Runs one diagnosis at a time, because it calls the platforms and uses the CPU and memory that answers need. */
export function createDiagnose(doctor: Doctor): ChatCommand {
  let isRunning = false;
  return {
    name: 'diagnose',
    alias: '诊断',
    operatorsOnly: true,
    async run({ phrases: { diagnose }, signal }) {
      if (isRunning) return { text: diagnose.busy };
      isRunning = true;
      try {
        return { text: textOf(await doctor.run(signal), diagnose) };
      } finally {
        isRunning = false;
      }
    },
  };
}

function textOf(run: DoctorRun, phrases: Phrases['diagnose']): string {
  if (run.outcome !== 'ended') return phrases[run.outcome];
  const { exitCode, report } = run;
  const isReport = exitCode === 0 || exitCode === 1 || exitCode === 3;
  // A program that crashes at its start also exits with 1, but without a report.
  return isReport && report !== '' ? `${phrases.exit[exitCode]}\n\n${report.trim()}` : phrases.failed(exitCode);
}
