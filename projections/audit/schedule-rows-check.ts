import { addedDigest, digestOf } from '../../domain/audit/digest';
import { occurrenceDigest } from '../../domain/audit/planned-rows';
import type { ScheduleAudit } from '../../domain/audit/schedule-audit';
import { lastPlace } from '../../domain/audit/stream-audit';
import type { Violation } from '../../domain/audit/violation';
import { isObject } from '../../domain/events/fields';
import { scheduleStream } from '../../domain/ids';
import type { ScheduleTrace } from '../../domain/schedule/event-kinds/kind';
import type { ReadModelSnapshot, ScheduleAuditRow } from '../queries/operating/audit-rows';
import { differenceOf, type Compared, type RowBreach } from './compare-rows';

export type ScheduleRowsDeps = {
  /** Has taken the log up to the position of the snapshot, and nothing after. */
  readonly audit: ScheduleAudit;
  readonly report: (violation: Violation) => void;
  /** False when the log was not read from its first event on. */
  readonly knowsAll: boolean;
  readonly progress: (rows: number) => void;
};

const compared = (
  row: ScheduleAuditRow,
  schedule: Readonly<ScheduleTrace>,
): readonly Compared[] => [
  ['status', row.status, schedule.status],
  ['revision', row.revision, schedule.revision],
  ['position', row.position, schedule.position],
  ['definition', digestOf(row.definition), schedule.definition],
  ['offset_ms', row.offset_ms, schedule.offsetMs],
  ['decided_until_ms', row.decided_until_ms, schedule.decidedUntil],
  ['may_overlap', row.may_overlap, schedule.mayOverlap],
  ['created_at', row.created_at, schedule.createdAt],
  ['rule_since', row.rule_since, schedule.ruleSince],
];

/** Columns that are copied from the definition of the same row. */
const copiesOf = ({ definition, ...row }: ScheduleAuditRow): readonly Compared[] => {
  const parsed: unknown = JSON.parse(definition);
  const said = isObject(parsed) ? parsed : {};
  return [
    ['owner_id', row.owner_id, String(said['ownerId'])],
    ['name', row.name, String(said['name'])],
  ];
};

/** What the last event of a schedule says by itself. */
const KNOWN_OF_HEADLESS: ReadonlySet<string> = new Set(['revision', 'position']);

const rowBreach = (
  row: ScheduleAuditRow,
  schedule: Readonly<ScheduleTrace> | undefined,
): RowBreach | undefined => {
  if (!schedule)
    return {
      rule: 'schedule-row-unknown',
      message: 'schedules has a row, the log has no such schedule',
    };
  const message = differenceOf(
    [...compared(row, schedule), ...copiesOf(row)].filter(
      ([column]) => !schedule.isHeadless || KNOWN_OF_HEADLESS.has(column),
    ),
  );
  return message === undefined
    ? undefined
    : { rule: 'schedule-row-differs', message: `schedules: ${message}` };
};

/** Holds the rows of schedules and of their occurrences against the log, and the log against them. */
export const checkScheduleRows = async (
  snapshot: ReadModelSnapshot,
  parked: ReadonlySet<string>,
  { audit, report, knowsAll, progress }: ScheduleRowsDeps,
): Promise<void> => {
  const found = new Uint8Array(audit.size());
  const planned = new Float64Array(audit.size());
  const digests = new Float64Array(audit.size());
  let rows = 0;

  const tell = (scheduleId: string, breach: RowBreach): void => {
    const stream = scheduleStream(scheduleId);
    const schedule = audit.standing(stream);
    report({
      ...breach,
      subject: scheduleId,
      events: schedule ? lastPlace(stream, schedule) : [],
      streams: [stream],
    });
  };

  for await (const page of snapshot.schedules()) {
    for (const row of page) {
      const stream = scheduleStream(row.schedule_id);
      const number = audit.numberOf(stream);
      if (parked.has(stream) || (number === undefined && !knowsAll)) continue;
      if (number !== undefined) found[number] = 1;
      const breach = rowBreach(row, audit.standing(stream));
      if (breach) tell(row.schedule_id, breach);
    }
    progress((rows += page.length));
  }

  const unknown = new Map<string, number>();
  for await (const page of snapshot.occurrences()) {
    for (const { schedule_id: scheduleId, occurrence_at: occurrenceAt, job_id: jobId } of page) {
      const number = audit.numberOf(scheduleStream(scheduleId));
      if (number === undefined) unknown.set(scheduleId, (unknown.get(scheduleId) ?? 0) + 1);
      else {
        planned[number] = (planned[number] ?? 0) + 1;
        digests[number] = addedDigest(digests[number] ?? 0, occurrenceDigest(occurrenceAt, jobId));
      }
    }
    progress((rows += page.length));
  }

  for (const [scheduleId, count] of knowsAll ? unknown : [])
    if (!parked.has(scheduleStream(scheduleId)))
      tell(scheduleId, {
        rule: 'occurrence-rows-differ',
        message: `schedule_occurrences has ${count} rows, the log has no such schedule`,
      });
  for (const [stream, number, schedule] of audit.all()) {
    if (parked.has(stream) || schedule.status === 'none') continue;
    const scheduleId = stream.slice(stream.indexOf('-') + 1);
    if (found[number] === 0)
      tell(scheduleId, {
        rule: 'schedule-row-missing',
        message: 'schedules has no row of the schedule',
      });
    const isSame =
      planned[number] === schedule.planned && digests[number] === schedule.plannedDigest;
    if (!isSame && !schedule.isHeadless)
      tell(scheduleId, {
        rule: 'occurrence-rows-differ',
        message: `schedule_occurrences has ${planned[number]} rows of its occurrences with jobs, the log has ${schedule.planned}, or they are of others`,
      });
  }
};
