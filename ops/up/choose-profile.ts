// Decides which profile `up` runs, from facts gathered before.

import type { Profile } from '../../bot/config/settings.ts';
import { CommandError } from '../process/command-error.ts';
import type { DockerFacts } from './docker-facts.ts';

/** Below this the whole stack does not fit: Kibana is left out. */
const FULL_MIN_MIB = 3500;

export interface ProfileFacts {
  /** What `PROFILE` says, if it says anything. */
  requested: Profile | undefined;
  /** What already runs here. */
  running: Profile | undefined;
  docker: DockerFacts;
}

export interface ProfileChoice {
  profile: Profile;
  /** Plain sentences that say why, and how to get more. */
  because: string[];
}

const MISSING: Record<Exclude<DockerFacts['state'], 'ready'>, { what: string; get: string }> = {
  'no-client': {
    what: 'No Docker Engine found: there is no docker command.',
    get: 'install Docker Engine (https://docs.docker.com/engine/install/)',
  },
  'no-daemon': {
    what: 'No Docker Engine found: the docker command is there, but its daemon does not answer.',
    get: 'start it (sudo systemctl start docker)',
  },
  'no-permission': {
    what: 'Docker Engine runs, but this user may not use it.',
    get: 'join its group (sudo usermod -aG docker "$USER") and log in again',
  },
  'no-compose': {
    what: 'Docker Engine runs, but its compose plugin is missing.',
    get: 'install docker-compose-plugin (https://docs.docker.com/compose/install/linux/)',
  },
};

/** `PROFILE` wins, then what runs already, then what the machine can carry. Throws a CommandError that names the fix. */
export function chooseProfile({ requested, running, docker }: ProfileFacts): ProfileChoice {
  if (requested && running && (requested === 'embedded') !== (running === 'embedded')) {
    throw new CommandError(
      `The ${running} profile is running here. Stop it first (make down), then: PROFILE=${requested} make up`,
    );
  }
  const profile = requested ?? running;
  if (profile === 'embedded') return { profile, because: [] };
  if (docker.state !== 'ready') {
    const { what, get } = MISSING[docker.state];
    if (profile)
      throw new CommandError(
        `${what} The ${profile} profile needs it.\nFix: ${get}. Without it: PROFILE=embedded make up`,
      );
    const because = [
      `${what} Running the embedded profile: the bot as one process, without log search and dashboards.`,
      `To get the rest: ${get}, then: make down up`,
    ];
    return { profile: 'embedded', because };
  }
  const small = docker.memoryMib < FULL_MIN_MIB;
  const memory = `This machine has ${docker.memoryMib} MiB of memory; the full profile wants ${FULL_MIN_MIB}.`;
  if (profile === 'full' && small) return { profile, because: [`${memory} Running it because you asked for it.`] };
  if (profile) return { profile, because: [] };
  if (!small) return { profile: 'full', because: [] };
  return { profile: 'lite', because: [`${memory} Running the lite profile: Kibana is left out.`] };
}
