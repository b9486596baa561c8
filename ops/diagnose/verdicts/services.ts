// Defines the verdicts about the database and the model.
import { sqliteFileOf } from '../../../bot/config/database-url.ts';
import type { Rule } from '../judge/rule.ts';
import { targetById } from '../targets.ts';
import { DIAGNOSE, failedHop } from './shared.ts';

/** Codes of a server that answers with an error. They need other remedies, so DB_DOWN does not cover them. */
const SERVER_ERROR_CODE = /^ER_/;

/** Classes of failed model calls that an unreachable model explains. */
const FOLLOWS_FROM_MODEL = ['network', 'timeout', 'server_error'];

export const dbDown: Rule = {
  id: 'DB_DOWN',
  layer: 3,
  label: 'database',
  clearedBy: ['db.connect'],
  reads: ['db.connect.failure', 'net.database.tcp.failure', 'queue.inbox.state'],
  judge(known) {
    const failure = known.fact('db.connect.failure');
    if (!failure || SERVER_ERROR_CODE.test(failure.code)) return undefined;
    const isFile = known.cfg !== undefined && sqliteFileOf(known.cfg.DATABASE_URL) !== undefined;
    const start = isFile
      ? {
          text: 'Check that the file exists and that the user of the bot may read it.',
          commands: [`ls -l ${failure.endpoint}`],
          risk: 'safe' as const,
        }
      : {
          text: 'Start the database, or correct DATABASE_URL.',
          commands: ['docker compose up -d mariadb'],
          risk: 'restart' as const,
        };
    return {
      confidence: 'proven',
      blame: 'us.host',
      title: isFile
        ? `The database file ${failure.endpoint} cannot be used (${failure.code}).`
        : `The database at ${failure.endpoint} does not answer (${failure.code}).`,
      impact: { text: 'no message can be stored, so callbacks are rejected and no chat gets an answer' },
      evidence: [
        known.seen('db.connect'),
        ...(known.status('proc.ready') === 'fail' ? [known.seen('proc.ready')] : []),
      ],
      explains: known.explain(
        ({ id }, group) =>
          ['db.connect', 'net.database.tcp', 'proc.ready'].includes(id) ||
          id.startsWith('queue.') ||
          group?.class === 'store_failed',
      ),
      remedies: [
        start,
        isFile
          ? {
              text: 'If the file is damaged, replace it by the newest backup, then start the bot.',
              commands: ['make down && make up'],
              risk: 'restart',
            }
          : {
              text: 'Read in its log why it stopped.',
              commands: ['docker compose logs --tail 50 mariadb'],
              risk: 'safe',
            },
      ],
      verify: `${DIAGNOSE} --only db.connect`,
    };
  },
};

export const dbRejectsWrites: Rule = {
  id: 'DB_REJECTS_WRITES',
  layer: 3,
  label: 'writes to the database',
  clearedBy: ['proc.ready'],
  reads: ['proc.ready.failed', 'db.connect.failure'],
  judge(known) {
    const failed = known.fact('proc.ready.failed')?.find(({ id, level }) => id === 'database' && level === 'required');
    if (!failed || known.fact('db.connect.failure')) return undefined;
    const file = known.cfg && sqliteFileOf(known.cfg.DATABASE_URL);
    return {
      confidence: 'proven',
      blame: 'us.host',
      title: `The database answers, but the bot cannot write to it (${failed.detail}).`,
      impact: { text: 'no message can be stored, so callbacks are rejected and no chat gets an answer' },
      evidence: [known.seen('proc.ready'), known.seen('db.connect')],
      explains: known.explain(({ id }, group) => id === 'proc.ready' || group?.class === 'store_failed'),
      remedies: [
        file !== undefined
          ? {
              text: 'Find the processes that have the file open, and check who may write it. End another process that locks it.',
              commands: [`fuser -v ${file}`, `ls -l ${file}*`],
              risk: 'safe',
            }
          : {
              text: 'Check whether the server is read-only or its disk is full.',
              commands: ['docker compose logs --tail 50 mariadb', 'df -h'],
              risk: 'safe',
            },
        { text: 'Start the bot again if it does not recover.', commands: ['make down && make up'], risk: 'restart' },
      ],
      verify: `${DIAGNOSE} --only proc.ready`,
    };
  },
};

export const modelUnreachable: Rule = {
  id: 'MODEL_UNREACHABLE',
  layer: 3,
  label: 'path to the model',
  clearedBy: ['net.model.http'],
  reads: ['net.model.tcp.failure', 'net.model.tls.failure', 'net.model.http.failure', 'queue.inbox.state'],
  judge(known) {
    const broken = (['tcp', 'tls', 'http'] as const).flatMap((hop) => failedHop(known, targetById('model'), hop) ?? []);
    const [first] = broken;
    if (!first) return undefined;
    const waiting = known.fact('queue.inbox.state')?.depth ?? 0;
    const { endpoint, code } = first.failure;
    const answers = code.startsWith('HTTP_');
    return {
      confidence: 'proven',
      blame: answers ? 'model.provider' : 'us.network',
      title: answers
        ? `The model at ${endpoint} answers with an error (${code}).`
        : `The model at ${endpoint} cannot be reached (${code}).`,
      impact: {
        text: `messages are accepted, but no answer can be generated${waiting > 0 ? `; ${waiting} wait` : ''}`,
      },
      evidence: broken.map(({ checkId }) => known.seen(checkId)),
      explains: known.explain(
        ({ id }, group) =>
          broken.some(({ checkId }) => checkId === id) ||
          id === 'queue.inbox' ||
          (group?.kind === 'model' && FOLLOWS_FROM_MODEL.includes(group.class)),
      ),
      remedies: [
        {
          text: answers
            ? "Check the provider's status page; the fault is not on this side."
            : 'Start the model server, or correct MODEL_BASE_URL.',
          commands: ['./chatbot settings show'],
          risk: 'config',
        },
        {
          text: 'Until then, set MODEL_FALLBACK_BASE_URL to a second model server.',
          commands: ['make down && make up'],
          risk: 'config',
        },
      ],
      verify: `${DIAGNOSE} --only net.model`,
    };
  },
};
