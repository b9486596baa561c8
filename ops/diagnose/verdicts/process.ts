// Defines the verdicts about the bot's process, its ports, its settings, its disk and forged callbacks.
import { describePortHolder } from '../describe-port-holder.ts';
import type { Rule } from '../judge/rule.ts';
import { DIAGNOSE, RESTART } from './shared.ts';

/** Checks that fail if the bot is not running. `proc.port` is not one of them, because a taken port is a cause. */
const FOLLOWS = ['proc.up', 'proc.ready', 'cb.reject'];

export const procDown: Rule = {
  id: 'PROC_DOWN',
  layer: 1,
  label: 'bot process',
  clearedBy: ['proc.up'],
  reads: ['proc.up.state', 'proc.up.pid', 'logs.local.lastLineAt', 'queue.inbox.state'],
  judge(known) {
    const state = known.fact('proc.up.state');
    if (state !== 'down' && state !== 'silent') return undefined;
    const pid = known.fact('proc.up.pid');
    const lastLine = known.fact('logs.local.lastLineAt');
    const waiting = known.fact('queue.inbox.state')?.depth ?? 0;
    const queued = waiting > 0 ? `; ${waiting} messages wait for an answer` : '';
    const silent = state === 'silent';
    return {
      confidence: 'proven',
      blame: 'us.host',
      title: silent
        ? `The bot runs${pid === undefined ? '' : ` as pid ${pid}`} but does not answer.`
        : 'The bot is not running.',
      impact: { text: `no chat on any platform gets an answer${queued}` },
      evidence: [
        known.seen('proc.up'),
        known.seen('proc.port'),
        ...(lastLine ? [known.seen('logs.local', `last line of callback.log at ${lastLine}`)] : []),
      ],
      explains: known.explain(({ id }) => FOLLOWS.includes(id) || id.startsWith('queue.')),
      remedies: [
        silent
          ? { text: 'Restart it.', commands: [RESTART], risk: 'restart' }
          : { text: 'Start it.', commands: ['make up'], risk: 'restart' },
        { text: 'Read in the last log lines why it stopped.', commands: ['make logs'], risk: 'safe' },
      ],
      verify: `${DIAGNOSE} --only proc.up,proc.ready`,
    };
  },
};

export const procPortTaken: Rule = {
  id: 'PROC_PORT_TAKEN',
  layer: 1,
  label: 'ports',
  clearedBy: ['proc.port'],
  reads: ['proc.port.taken'],
  judge(known) {
    const [first, ...more] = known.fact('proc.port.taken') ?? [];
    if (!first) return undefined;
    const stop = first.pid === 0 ? `sudo ss -ltnp 'sport = :${first.port}'` : `kill ${first.pid}`;
    return {
      confidence: 'proven',
      blame: 'us.host',
      title: `The bot cannot start: ${describePortHolder(first)}.`,
      impact: { text: 'no chat on any platform gets an answer until the bot has its ports' },
      evidence: [known.seen('proc.port'), known.seen('proc.up')],
      explains: known.explain(({ id }) => id === 'proc.port' || FOLLOWS.includes(id) || id.startsWith('queue.')),
      remedies: [
        {
          text: `${first.pid === 0 ? 'Find' : 'Stop'} the program that holds the port${more.length > 0 ? 's' : ''}, then start the bot.`,
          commands: [stop, 'make up'],
          risk: 'restart',
        },
        {
          text: `Or move the bot: set ${first.setting} in .env to a free port.`,
          commands: ['make up'],
          risk: 'config',
        },
      ],
      verify: `${DIAGNOSE} --only proc`,
    };
  },
};

export const cfgEnvWrong: Rule = {
  id: 'CFG_ENV_WRONG',
  layer: 0,
  label: 'settings',
  clearedBy: ['cfg.schema'],
  reads: ['cfg.problems'],
  judge(known) {
    const problems = known.fact('cfg.problems') ?? [];
    const [first] = problems;
    if (!first) return undefined;
    const names = [...new Set(problems.map(({ name }) => name))].join(', ');
    return {
      confidence: 'proven',
      blame: 'us.config',
      title: `The settings are invalid: ${first.problem}`,
      impact: {
        text: 'the bot does not start with these settings; a running bot keeps its old settings until the next start',
      },
      evidence: problems.slice(0, 5).map(({ problem, fix }) => known.seen('cfg.schema', `${problem} ${fix}`)),
      explains: known.explain(({ id }) => id === 'cfg.schema'),
      remedies: [
        { text: `Correct ${names}: ${first.fix}`, commands: ['./chatbot settings check'], risk: 'config' },
        { text: 'Then start the bot with the corrected settings.', commands: [RESTART], risk: 'restart' },
      ],
      verify: `${DIAGNOSE} --only cfg.schema`,
    };
  },
};

export const hostDiskFull: Rule = {
  id: 'HOST_DISK_FULL',
  layer: 0,
  label: 'disk',
  clearedBy: ['host.disk'],
  reads: ['host.disk.volumes'],
  judge(known) {
    const isFull = known.status('host.disk') === 'fail';
    const volumes = known.fact('host.disk.volumes') ?? [];
    const full = volumes.find(({ writeError }) => writeError === 'ENOSPC' || writeError === 'EDQUOT');
    const volume = full ?? (volumes.every(({ writeError }) => writeError === null) ? volumes[0] : undefined);
    if (!isFull || !volume) return undefined;
    return {
      confidence: 'proven',
      blame: 'us.host',
      title: `The disk that holds ${volume.path} is full.`,
      impact: { text: 'new messages cannot be stored, so callbacks are rejected and logs stop' },
      evidence: [known.seen('host.disk')],
      explains: known.explain(
        ({ id }, group) =>
          ['host.disk', 'logs.local', 'db.connect', 'proc.up', 'proc.ready'].includes(id) ||
          id.startsWith('queue.') ||
          group?.class === 'store_failed',
      ),
      remedies: [
        {
          text: 'Find the files that use the space.',
          commands: [`df -h ${volume.path}`, `du -xsh ${volume.path}/*`],
          risk: 'safe',
        },
        {
          text: 'Free space or enlarge the disk, then start the bot if it stopped.',
          commands: ['make up'],
          risk: 'restart',
        },
      ],
      verify: `${DIAGNOSE} --only host.disk`,
    };
  },
};

export const cbAcceptsForged: Rule = {
  id: 'CB_ACCEPTS_FORGED',
  layer: 7,
  label: 'forged callbacks',
  clearedBy: ['cb.reject'],
  reads: ['cb.reject.accepted'],
  judge(known) {
    const accepted = known.fact('cb.reject.accepted') ?? [];
    if (accepted.length === 0) return undefined;
    const routes = accepted.map(({ route }) => route).join(' and ');
    return {
      confidence: 'proven',
      blame: 'us.code',
      title: `Unsigned callbacks are accepted at ${routes}.`,
      impact: { text: 'any sender who knows the address can write to the bot in the name of any user' },
      evidence: [known.seen('cb.reject')],
      explains: known.explain(({ id }) => id === 'cb.reject'),
      remedies: [
        {
          text: 'Remove the address from the internet until this is fixed: stop the bot or block the route in the proxy.',
          commands: ['make down'],
          risk: 'restart',
        },
        {
          text: 'Check the running program: its version, local changes, a proxy that answers instead of the bot.',
          commands: ['make status'],
          risk: 'safe',
        },
      ],
      verify: `${DIAGNOSE} --only cb.reject`,
    };
  },
};
