// Verdicts about credentials and signatures.
import { type Knowledge, wholeSeconds } from '../judge/knowledge.ts';
import type { Candidate, Rule } from '../judge/rule.ts';
import type { ErrorGroup, Remedy } from '../report.ts';
import { DIAGNOSE, followsFromPlatform, pushImpact, RESTART } from './shared.ts';

/** The secret is wrong, or the app id and the secret do not belong together. */
const FEISHU_SECRET_CODES = ['10003', '10005', '10014', '10015', '20002', '99991543'];
/** A token that was good is refused: follows from a revoked secret, and also happens alone. */
const FEISHU_TOKEN_CODES = ['99991661', '99991663', '99991664', '99991665', '99991671', '99991677'];

const pushGroups = (known: Knowledge, platform: string, fits: (group: ErrorGroup) => boolean) =>
  known.groups.filter((group) => group.kind === 'push' && group.platform === platform && fits(group));

export const feishuAppSecretWrong: Rule = {
  id: 'FEISHU_APP_SECRET_WRONG',
  layer: 6,
  label: 'Feishu credentials',
  clearedBy: ['cred.feishu'],
  reads: ['cred.feishu.refused', 'ev.pushes.traffic'],
  judge(known) {
    const refused = (known.fact('cred.feishu.refused') ?? []).filter(({ code }) => FEISHU_SECRET_CODES.includes(code));
    const groups = pushGroups(known, 'feishu', ({ code }) => FEISHU_SECRET_CODES.includes(code));
    if (refused.length === 0) return fromLog(known, groups, feishuSecretParts(known));
    const [first] = refused;
    return {
      ...feishuSecretParts(known),
      confidence: 'proven',
      title: `Feishu refuses the secret of app ${first?.app} (code ${first?.code}).`,
      evidence: [known.seen('cred.feishu'), ...groups.map(known.logged)],
      explains: known.explain((symptom, group) =>
        followsFromPlatform('feishu', ['credentials', 'token_expired'])(symptom, group),
      ),
      ...(first?.code === '10014'
        ? { discriminator: 'if the secret in the console equals yours, the app is disabled there: enable it' }
        : {}),
    };
  },
};

function feishuSecretParts(known: Knowledge) {
  const remedies: Remedy[] = [
    {
      text: 'Copy App ID and App Secret anew from the developer console (Credentials & Basic Info) to FEISHU_APP_ID and FEISHU_APP_SECRET.',
      commands: [RESTART],
      risk: 'credential',
    },
  ];
  return {
    blame: 'us.config' as const,
    impact: pushImpact(known, 'feishu'),
    remedies,
    verify: `${DIAGNOSE} --only cred.feishu`,
    title: 'Feishu refused the app secret.',
  };
}

export const feishuTokenInvalid: Rule = {
  id: 'FEISHU_TOKEN_INVALID',
  layer: 7,
  label: 'Feishu tokens',
  clearedBy: ['cred.feishu', 'ev.pushes'],
  reads: ['ev.pushes.traffic'],
  judge(known) {
    const groups = pushGroups(known, 'feishu', ({ code }) => FEISHU_TOKEN_CODES.includes(code));
    const latest = groups
      .map(({ lastSeen }) => lastSeen)
      .sort()
      .at(-1);
    // A later attempt with another result shows that the bot has moved on from the refused token.
    const isLatest = latest !== undefined && latest === known.traffic('push', 'feishu')?.lastAt;
    if (!isLatest || known.status('cred.feishu') !== 'ok') return undefined;
    return {
      confidence: 'likely',
      blame: 'us.code',
      title: 'Feishu accepts our secret but refuses the token the bot sends with.',
      impact: pushImpact(known, 'feishu'),
      evidence: [...groups.map(known.logged), known.seen('cred.feishu')],
      explains: known.explain(followsFromPlatform('feishu', ['token_expired'])),
      remedies: [{ text: 'Restart the bot: it fetches a new token.', commands: [RESTART], risk: 'restart' }],
      verify: `${DIAGNOSE} --since 5m --only ev.pushes,cred.feishu`,
      discriminator: 'if it comes back within two hours, two bots share the app or its clock is wrong',
    };
  },
};

const isDingtalkSecret = ({ class: kind, code }: ErrorGroup) =>
  kind === 'signature' || kind === 'credentials' || /^(invalidClientIdOrSecret|invalid\.client)/i.test(code);

export const dingtalkSignMismatch: Rule = {
  id: 'DINGTALK_SIGN_MISMATCH',
  layer: 6,
  label: 'DingTalk secret and signature',
  clearedBy: ['cred.dingtalk'],
  reads: ['cred.dingtalk.refused', 'ev.pushes.traffic', 'ev.callbacks.traffic'],
  judge(known) {
    const [refused] = known.fact('cred.dingtalk.refused') ?? [];
    const pushes = pushGroups(known, 'dingtalk', isDingtalkSecret);
    const callbacks = known.groups.filter(({ id }) => id === 'ev.callbacks:dingtalk:signature_mismatch');
    const parts = dingtalkParts(known, callbacks);
    if (!refused) return fromLog(known, [...pushes, ...callbacks], parts);
    return {
      ...parts,
      confidence: 'proven',
      title: `DingTalk refuses the secret of app ${refused.app} (${refused.code}), and its signatures do not match ours.`,
      evidence: [known.seen('cred.dingtalk'), ...[...pushes, ...callbacks].map(known.logged)],
      explains: known.explain(
        (symptom, group) =>
          callbacks.some(({ id }) => id === symptom.id) ||
          followsFromPlatform('dingtalk', ['credentials', 'signature', 'token_expired'])(symptom, group),
      ),
    };
  },
};

function dingtalkParts(known: Knowledge, callbacks: ErrorGroup[]) {
  const [group] = callbacks;
  const pushes = pushImpact(known, 'dingtalk');
  const rejected = group ? `${group.count} of ${group.attempted} callbacks rejected; ` : '';
  const remedies: Remedy[] = [
    {
      text: 'Copy Client ID and Client Secret anew from the developer console to DINGTALK_APP_KEY and DINGTALK_APP_SECRET.',
      commands: [RESTART],
      risk: 'credential',
    },
  ];
  return {
    blame: 'us.config' as const,
    impact: { ...pushes, text: rejected + pushes.text },
    remedies,
    verify: `${DIAGNOSE} --only cred.dingtalk`,
    title: 'DingTalk signs with another secret than ours.',
  };
}

type Parts = Pick<Candidate, 'blame' | 'impact' | 'remedies' | 'verify' | 'title'>;

/** Without a probe that shows it now: likely while the log shows nothing better since, over otherwise. */
function fromLog(known: Knowledge, groups: ErrorGroup[], parts: Parts): Candidate | undefined {
  if (groups.length === 0) return undefined;
  const explains = known.explain((_, group) => group !== undefined && groups.includes(group));
  const base = { ...parts, confidence: 'likely' as const, evidence: groups.map(known.logged), explains };
  return explains.length > 0
    ? base
    : { ...base, past: true, title: pastTitle(parts, groups), onset: groups[0]?.firstSeen };
}

/** Wrong signatures on callbacks are not always ours: anybody can send them. */
function pastTitle({ title }: Parts, groups: ErrorGroup[]): string {
  const last = wholeSeconds(
    groups
      .map(({ lastSeen }) => lastSeen)
      .sort()
      .at(-1) ?? '',
  );
  if (groups.some(({ kind }) => kind === 'push')) return `${title.replace(/\.$/, '')} until ${last}; it works again.`;
  const count = groups.reduce((sum, group) => sum + group.count, 0);
  return `${count} callbacks until ${last} had a wrong signature. Nothing says now that our secret is wrong: somebody else may have sent them.`;
}
