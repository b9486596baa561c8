// Explains a failed `docker compose up` in one sentence, with the next step.

export interface ComposeFailure {
  sentence: string;
  next: string;
  /** Service whose log explains the failure. */
  service?: string;
}

/** Returns the service of a container's name. */
type ServiceOf = (container: string) => string;

interface FailureRule {
  pattern: RegExp;
  explain: (match: RegExpExecArray, serviceOf: ServiceOf) => ComposeFailure;
}

const EMBEDDED = 'Without images the bot still runs as one process: PROFILE=embedded make up';

// Ordered by certainty: a full disk also breaks pulls, and a broken pull also leads to a missing service.
const RULES: FailureRule[] = [
  {
    pattern: /no space left on device/i,
    explain: () => ({
      sentence: 'The disk is full.',
      next: 'Free space (df -h; docker system df; docker image prune), then: make up',
    }),
  },
  {
    pattern: /toomanyrequests|rate limit/i,
    explain: () => ({
      sentence: 'The image registry rejects further downloads from this address for now (rate limit).',
      next: `Wait an hour or log in (docker login), then: make up. ${EMBEDDED}`,
    }),
  },
  {
    pattern: /manifest (?:for (\S+) not found|unknown)|failed to resolve reference "([^"]+)": [^\n]*not found/i,
    explain: ([, first, second]) => ({
      sentence: `The image ${first ?? second ?? 'asked for'} does not exist in its registry.`,
      next: 'Correct its version in .env (the names that end in _VERSION; .env.example has the tested ones), then: make up',
    }),
  },
  {
    pattern:
      /failed to resolve reference|failed to resolve source metadata|failed to do request|failed to copy: httpReadSeeker|error pulling image|Get "?https?:\/\/[^\n]*(?:dial tcp|timeout|TLS handshake|EOF|connection refused|no such host|canceled)/i,
    explain: () => ({
      sentence: 'The images could not be pulled: their registry cannot be reached from here.',
      next: `Check network, DNS and proxy of the Docker daemon, then: make up. ${EMBEDDED}`,
    }),
  },
  {
    pattern:
      /(?:Bind for|listen tcp4?) (\S*?:(\d+))[^\n]*(?:already allocated|address already in use)|address already in use[^\n]*:(\d+)/i,
    explain: ([, , first, second]) => {
      const port = first ?? second;
      return {
        sentence: `Port ${port} is taken by another program.`,
        next: `See which one (sudo ss -ltnp 'sport = :${port}'), stop it, then: make up`,
      };
    },
  },
  {
    pattern: /required variable (\w+) is missing/i,
    explain: ([, name]) => ({ sentence: `${name} has no value.`, next: `Give ${name} a value in .env, then: make up` }),
  },
  {
    pattern: /failed to solve|failed to build|returned a non-zero code/i,
    explain: () => ({
      sentence: "The bot's image could not be built.",
      next: `See the lines above; try the build alone with: docker compose build bot. ${EMBEDDED}`,
    }),
  },
  {
    pattern: /container (\S+) (?:is unhealthy|exited \((\d+)\)|has no healthcheck)/i,
    explain: ([, container = '', code], serviceOf) => {
      const service = serviceOf(container);
      return {
        sentence: code
          ? `The service ${service} ended with code ${code}.`
          : `The service ${service} did not become healthy.`,
        next: `See more of it with: make logs ARGS='${service} -n 200', fix the cause, then: make up`,
        service,
      };
    },
  },
];

/** Returns the first known cause. If no cause is known, returns the last line of the output. */
export function explainComposeFailure(lines: string[], serviceOf: ServiceOf): ComposeFailure {
  const output = lines.join('\n');
  for (const { pattern, explain } of RULES) {
    const match = pattern.exec(output);
    if (match) return explain(match, serviceOf);
  }
  return {
    sentence: `docker compose failed: ${lines.at(-1)?.trim() || 'no output'}`,
    next: 'See the lines above, then: make status',
  };
}
