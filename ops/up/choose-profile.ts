// Chooses the profile that `up` runs, from facts gathered before.

import type { Profile } from '../../bot/config/settings.ts';
import { CommandError } from '../process/command-error.ts';
import type { DockerFacts } from './docker-facts.ts';

/** Minimum memory of the full profile in MiB. With less memory, Kibana is left out. */
const FULL_MIN_MIB = 3500;

export interface ProfileFacts {
  /** Value of `PROFILE`, if it is set. */
  requested: Profile | undefined;
  /** Profile that already runs here. */
  running: Profile | undefined;
  docker: DockerFacts;
}

export interface ProfileChoice {
  profile: Profile;
  /** Sentences that explain the choice, and how to get more. */
  reasons: string[];
}

const MISSING: Record<Exclude<DockerFacts['state'], 'ready'>, { problem: string; fix: string }> = {
  'no-client': {
    problem: 'No Docker Engine found: there is no docker command.',
    fix: 'install Docker Engine (https://docs.docker.com/engine/install/)',
  },
  'no-daemon': {
    problem: 'No Docker Engine found: the docker command is there, but its daemon does not answer.',
    fix: 'start it (sudo systemctl start docker)',
  },
  'no-permission': {
    problem: 'Docker Engine runs, but this user may not use it.',
    fix: 'join its group (sudo usermod -aG docker "$USER") and log in again',
  },
  'no-compose': {
    problem: 'Docker Engine runs, but its compose plugin is missing.',
    fix: 'install docker-compose-plugin (https://docs.docker.com/compose/install/linux/)',
  },
};

/**
 * Returns `PROFILE`, else the running profile, else the largest profile that fits the machine.
 * @throws CommandError that names the fix
 */
export function chooseProfile({ requested, running, docker }: ProfileFacts): ProfileChoice {
  if (requested && running && (requested === 'embedded') !== (running === 'embedded')) {
    throw new CommandError(
      `The ${running} profile is running here. Stop it first (make down), then: PROFILE=${requested} make up`,
    );
  }
  const profile = requested ?? running;
  if (profile === 'embedded') return { profile, reasons: [] };
  if (docker.state !== 'ready') {
    const { problem, fix } = MISSING[docker.state];
    if (profile)
      throw new CommandError(
        `${problem} The ${profile} profile needs it.\nFix: ${fix}. Without it: PROFILE=embedded make up`,
      );
    const reasons = [
      `${problem} Running the embedded profile: the bot as one process, without log search and dashboards.`,
      `To get the rest: ${fix}, then: make down up`,
    ];
    return { profile: 'embedded', reasons };
  }
  const small = docker.memoryMib < FULL_MIN_MIB;
  const memory = `This machine has ${docker.memoryMib} MiB of memory; the full profile needs ${FULL_MIN_MIB}.`;
  if (profile === 'full' && small) return { profile, reasons: [`${memory} Running it because you asked for it.`] };
  if (profile) return { profile, reasons: [] };
  if (!small) return { profile: 'full', reasons: [] };
  return { profile: 'lite', reasons: [`${memory} Running the lite profile: Kibana is left out.`] };
}
