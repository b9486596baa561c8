// Times as people read them.
import type { StatusReport } from '../health/status.ts';

/** An ISO 8601 time as `2026-11-22 17:00:00` in a zone such as `Asia/Shanghai`. */
export function localTime(iso: string, timeZone: string): string {
  // The Swedish format is that of ISO 8601 with a space, which no format of `Intl` has by name.
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }).format(new Date(iso));
}

/** Offset of the zone from UTC at a time, as `UTC+8`. */
export function offsetOf(iso: string, timeZone: string): string {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'shortOffset' });
  const name = format.formatToParts(new Date(iso)).find(({ type }) => type === 'timeZoneName')?.value;
  return (name ?? timeZone).replace('GMT', 'UTC');
}

/** The same report with its times in a zone; the first of them names its offset. */
export function withLocalTimes(report: StatusReport, timeZone: string): StatusReport {
  const time = (iso: string) => localTime(iso, timeZone);
  const orNull = (iso: string | null) => (iso === null ? null : time(iso));
  const { startedAt } = report.service;
  return {
    ...report,
    service: { ...report.service, startedAt: `${time(startedAt)} (${offsetOf(startedAt, timeZone)})` },
    platforms: Object.fromEntries(
      Object.entries(report.platforms).map(([name, { lastInboundAt, lastPush, ...rest }]) => [
        name,
        { ...rest, lastInboundAt: orNull(lastInboundAt), lastPush: lastPush && { ...lastPush, at: time(lastPush.at) } },
      ]),
    ),
    connections: report.connections.map((connection) => ({
      ...connection,
      connectedSince: orNull(connection.connectedSince),
      downSince: orNull(connection.downSince),
    })),
  };
}
