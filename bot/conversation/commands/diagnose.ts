// `/diagnose`: the doctor's report in the chat, for operators.
import type { Phrases } from '../phrases.ts';
import type { ChatCommand } from './command.ts';
import type { Doctor, DoctorRun } from './doctor.ts';

/** One diagnosis at a time: it calls the platforms, and what it costs is taken from the answers. */
export function createDiagnose(doctor: Doctor): ChatCommand {
  let underWay = false;
  return {
    name: 'diagnose',
    alias: '诊断',
    operatorsOnly: true,
    async run({ phrases: { diagnose }, signal }) {
      if (underWay) return { text: diagnose.busy };
      underWay = true;
      try {
        return { text: textOf(await doctor.run(signal), diagnose) };
      } finally {
        underWay = false;
      }
    },
  };
}

function textOf(run: DoctorRun, words: Phrases['diagnose']): string {
  if (run.outcome !== 'ended') return words[run.outcome];
  const { exitCode, report } = run;
  const made = exitCode === 0 || exitCode === 1 || exitCode === 3;
  // A program that falls over at its start ends with 1 as well, and says nothing.
  return made && report !== '' ? `${words.exit[exitCode]}\n\n${report.trim()}` : words.failed(exitCode);
}
