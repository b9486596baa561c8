// Checks the machine: disk, memory, clock.
import { dirname } from 'node:path';
import { sqliteFileOf } from '../../../bot/config/database-url.ts';
import type { Settings } from '../../../bot/config/settings.ts';
import { descriptors } from '../../../bot/platforms/registry.ts';
import type { Check } from '../engine/check.ts';
import { readFact, type Volume } from '../facts.ts';
import type { Ports } from '../ports/ports.ts';
import { botPid } from './bot-pid.ts';
import { noPermission } from './no-permission.ts';

const MIB = 1024 * 1024;
const FULL_BYTES = 64 * MIB;
const LOW_BYTES = 512 * MIB;
const LOW_PERCENT = 95;
const MEMORY_LOW_PERCENT = 5;
const SKEW_WARN_SECONDS = 30;
/**
 * DingTalk signatures are valid for one hour around their timestamp, see
 * https://open.dingtalk.com/document/orgapp/receive-message (read 2026-11). Feishu's group robots have the same limit
 * (code 19021).
 */
const SIGNING_WINDOW_SECONDS = 3600;

export const hostDisk: Check = {
  id: 'host.disk',
  title: 'Disk space',
  layer: 0,
  needs: ['cfg.schema'],
  after: ['proc.up'],
  critical: true,
  weight: 1000,
  timeoutMs: 2000,
  onTimeout: 'fail',
  declares: ['host.disk.volumes'],
  async run(ctx) {
    const { cfg, files } = ctx;
    const volumes = await Promise.all(writtenFolders(cfg).map((path) => readVolume(files, path)));
    const facts = { 'host.disk.volumes': volumes };
    for (const { path, freeBytes, writeError } of volumes) {
      const denied = await noPermission(ctx, { path, code: writeError ?? '', botPid: botPid(ctx) });
      if (denied && freeBytes >= FULL_BYTES) return { ...denied, facts };
    }
    const full = volumes.find((volume) => volume.freeBytes < FULL_BYTES || volume.writeError !== null);
    if (full) return { status: 'fail', code: full.writeError ?? 'ENOSPC', summary: describeVolume(full), facts };
    const low = volumes.find((volume) => volume.freeBytes < LOW_BYTES || volume.usedPercent > LOW_PERCENT);
    if (low) return { status: 'warn', code: 'LOW', summary: describeVolume(low), facts };
    return { status: 'ok', summary: volumes.map(describeVolume).join(', '), facts };
  },
};

/** Returns the folders that the bot writes to: the log folder, and the folder of an SQLite database. */
function writtenFolders({ LOG_DIR, DATABASE_URL }: Settings): string[] {
  const file = sqliteFileOf(DATABASE_URL);
  const database = file === undefined ? [] : [dirname(file)];
  return [...new Set([...database, LOG_DIR])];
}

async function readVolume(files: Ports['files'], path: string): Promise<Volume> {
  const [space, writeError] = await Promise.all([files.space(path), files.tryWrite(path)]);
  const usedPercent = Math.round((1 - space.freeBytes / Math.max(1, space.totalBytes)) * 100);
  return { path, freeBytes: space.freeBytes, usedPercent, writeError };
}

function describeVolume({ path, freeBytes, usedPercent, writeError }: Volume): string {
  const failed = writeError === null ? '' : `, writing fails with ${writeError}`;
  return `${path} has ${Math.floor(freeBytes / MIB)} MiB free (${usedPercent} % used)${failed}`;
}

export const hostMem: Check = {
  id: 'host.mem',
  title: 'Memory',
  layer: 0,
  needs: [],
  critical: false,
  timeoutMs: 1000,
  onTimeout: 'unknown',
  declares: ['host.mem.availablePercent'],
  async run({ files }) {
    const { availableBytes, totalBytes } = await files.memory();
    const percent = Math.round((availableBytes / totalBytes) * 100);
    const summary = `${Math.floor(availableBytes / MIB)} MiB of ${Math.floor(totalBytes / MIB)} MiB available`;
    const facts = { 'host.mem.availablePercent': percent };
    return { status: percent < MEMORY_LOW_PERCENT ? 'warn' : 'ok', summary, facts };
  },
};

/** Builds the check that compares our clock with the Date header of the platforms, which verify our timestamps. */
export const hostClock = (): Check => ({
  id: 'host.clock',
  title: 'Clock',
  layer: 0,
  needs: [],
  after: tokenServers().map((id) => `net.${id}.http`),
  critical: false,
  timeoutMs: 1000,
  onTimeout: 'unknown',
  declares: ['host.clock.skewSeconds'],
  async run({ dep }) {
    const skews = tokenServers().flatMap(
      (target) => readFact(dep(`net.${target}.http`), `net.${target}.http.dateSkewSeconds`) ?? [],
    );
    // If the platforms disagree, one of their clocks is wrong, so use the smaller difference.
    const skew = skews.sort((a, b) => Math.abs(a) - Math.abs(b))[0];
    if (skew === undefined) return { status: 'skip', reason: 'not_applicable', summary: 'no platform sent its time' };
    const facts = { 'host.clock.skewSeconds': skew };
    const summary = `${Math.abs(skew)} s ${skew < 0 ? 'behind' : 'ahead of'} the platform (signatures are valid for ${SIGNING_WINDOW_SECONDS} s)`;
    if (Math.abs(skew) > SIGNING_WINDOW_SECONDS) return { status: 'fail', code: 'CLOCK_SKEW', summary, facts };
    return { status: Math.abs(skew) > SKEW_WARN_SECONDS ? 'warn' : 'ok', summary, facts };
  },
});

/** Returns the ids of the servers that issue tokens, one for each platform. */
const tokenServers = (): string[] => descriptors().map(({ diagnosis }) => diagnosis.servers[0].id);
