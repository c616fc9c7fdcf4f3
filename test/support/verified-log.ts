import type { EventStoreDBClient } from '@eventstore/db-client';
import type { Knex } from 'knex';
import { logAudit } from '../../domain/audit/log-audit';
import type { Violation } from '../../domain/audit/violation';
import { calendarsBy } from '../../domain/schedule/calendars';
import type { Instant } from '../../domain/time';
import { eventStoreLog } from '../../infra/eventstore/event-log';
import { eventStoreScan } from '../../infra/eventstore/log-scan';
import { pinnedZones } from '../../infra/tzdata/pinned';
import { goneStreams, readIfThere, type Gone } from '../../projections/audit/gone-streams';
import { messageCheck, type StoredMessage } from '../../projections/audit/message-check';
import { streamCheck, type WindowStart } from '../../projections/audit/stream-check';
import { verifyLog, type Verified, type WindowEnd } from '../../projections/audit/verify';
import { weighed } from '../../projections/audit/weighed';
import { auditRows } from '../../projections/queries/operating/audit-rows';
import { plainStreams } from './names';

export type Verification = {
  readonly client: EventStoreDBClient;
  /** Of the read model; absent: it is left out. */
  readonly db?: Knex | undefined;
  readonly start?: WindowStart;
  readonly end?: WindowEnd;
  readonly messages?: readonly StoredMessage[];
  /** When the log ended. */
  readonly now: Instant;
  readonly overdueAfterMs: number;
};

/** What `audit verify` finds in the log of a test. */
export const verifiedLog = async ({
  client,
  db,
  start = { kind: 'log-start' },
  end = { kind: 'log-end' },
  messages: stored = [],
  now,
  overdueAfterMs,
}: Verification): Promise<{
  readonly verified: Verified;
  readonly violations: readonly Violation[];
  readonly gone: readonly Gone[];
  readonly foreignEvents: number;
}> => {
  const violations: Violation[] = [];
  const isWindow = start.kind === 'after-position';
  const calendars = calendarsBy(pinnedZones);
  const audit = logAudit((violation) => weighing.report(violation), calendars, !isWindow);
  const read = readIfThere(eventStoreLog(client, plainStreams).read);
  const streams = goneStreams({
    audits: [audit.jobs, audit.schedules, audit.operations, audit.webhooks],
    read,
    isWindow,
  });
  const weighing = weighed((violation) => void violations.push(violation), streams);
  const { report } = weighing;
  const messages = messageCheck(read, streams.isGone);
  const own = streamCheck({ audit, start, read });
  for (const message of stored) messages.expect(message);
  const verified = await verifyLog({
    ...{ audit, start, end, report, scan: eventStoreScan(client, plainStreams) },
    checks: [own, streams, messages],
    ...(db && { rows: auditRows(db) }),
    progress: { events: () => undefined, rows: () => undefined },
    signal: new AbortController().signal,
  });
  audit.end(now, overdueAfterMs);
  const gone = [...weighing.settle(), ...streams.found()];
  return { verified, violations, gone, foreignEvents: own.foreignEvents() };
};
