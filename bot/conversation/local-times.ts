// Formats times in the installation's time zone.
import type { StatusReport } from '../health/status-schema.ts';

/** Formats an ISO 8601 time as `2026-11-22 17:00:00` in a time zone such as `Asia/Shanghai`. */
export function localTime(iso: string, timeZone: string): string {
  // `Intl` has no name for ISO 8601 with a space. The Swedish format is the same.
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }).format(new Date(iso));
}

/** Returns the offset of the time zone from UTC at the given time, such as `UTC+8`. */
export function offsetOf(iso: string, timeZone: string): string {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'shortOffset' });
  const name = format.formatToParts(new Date(iso)).find(({ type }) => type === 'timeZoneName')?.value;
  return (name ?? timeZone).replace('GMT', 'UTC');
}

/** Returns the report with its times in the time zone. Only the start time also shows the offset from UTC. */
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
