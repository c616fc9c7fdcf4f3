import { SCHEDULE_STREAM_PREFIX } from '../../domain/ids';
import type { ScheduleDefinition } from '../../domain/schedule/definition';
import type { ScheduleStatus } from '../../domain/schedule/state';
import { fromTimestamp, type Instant, type Timestamp } from '../../domain/time';
import type { RowChanges } from '../projection';
import { streamRows, type StreamChange } from '../writing/stream-rows';
import { plain, quotedText, unnest } from '../writing/unnest';
import type { Statement } from '../writing/write-session';
import type { PlacedScheduleFact, ScheduleStep } from './schedule-step';

/** What a step makes of the row of its schedule; what is absent stays. The same rules as the domain's `evolve`. */
type RowChange = {
  readonly status?: ScheduleStatus;
  readonly definition?: ScheduleDefinition;
  readonly offsetMs?: number;
  /** All up to here is decided, if more was not before. */
  readonly decidedTo?: Instant;
  /** All of the rule that is due later than this is undecided again. */
  readonly backTo?: Instant;
  /** Exactly up to here, whatever was decided before. */
  readonly decidedExactly?: Instant;
  readonly lastJobId?: string;
  readonly note?: string;
  /** Keeps the status `paused`. */
  readonly keepsPause?: true;
  readonly keepsNote?: true;
  /** Takes back what is planned. */
  readonly withdraws?: true;
};

const definitionIn = ({
  offsetMs,
  ...data
}: ScheduleDefinition & { readonly offsetMs: number }) => ({ offsetMs, definition: data });

const changeOf = (fact: PlacedScheduleFact): RowChange => {
  switch (fact.type) {
    case 'ScheduleCreated':
      return {
        status: 'active',
        ...definitionIn(fact.data),
        decidedExactly: fact.at - fact.data.offsetMs,
      };
    case 'ScheduleChanged': {
      const { withdraws, ...data } = fact.data;
      return {
        status: 'active',
        withdraws: true,
        keepsPause: true,
        ...definitionIn(data),
        ...(withdraws === 'unstarted'
          ? { decidedExactly: fact.at - data.offsetMs }
          : { backTo: fact.at }),
      };
    }
    case 'SchedulePaused':
      return { status: 'paused', withdraws: true, backTo: fact.at, ...fact.data };
    case 'ScheduleResumed':
      return { status: 'active' };
    case 'ScheduleDeleted':
      return { status: 'deleted', withdraws: true, backTo: fact.at, keepsNote: true };
    case 'ScheduleCompleted':
      return { status: 'completed', keepsNote: true };
    case 'ScheduleStopped':
      return { status: 'stopped', note: String(fact.data.problem) };
    case 'OccurrencePlanned':
      return {
        decidedTo: fromTimestamp(fact.data.occurrenceAt),
        lastJobId: fact.data.jobId,
        keepsNote: true,
      };
    case 'OccurrencesSkipped':
      return { decidedTo: fromTimestamp(fact.data.to), keepsNote: true };
    case 'OccurrenceMoved':
    case 'OccurrenceCancelled':
    case 'ScheduleTriggered':
    case 'OccurrencesBackfilled':
      return { keepsNote: true };
  }
};

type Changed = StreamChange & {
  readonly createdAt: Timestamp;
  readonly change: RowChange;
};

const changedOf = ({ scheduleId, facts }: ScheduleStep): Changed => {
  const last = facts.at(-1) ?? facts[0];
  return {
    id: scheduleId,
    firstRevision: facts[0].revision,
    revision: last.revision,
    position: last.position,
    createdAt: last.recordedAt,
    change: changeOf(last), // of several that are planned in a row, the last one says all
  };
};

const columns = [
  plain<Changed>('schedule_id', 'uuid', ({ id }) => id),
  plain<Changed>('first_revision', 'bigint', ({ firstRevision }) => firstRevision),
  plain<Changed>('revision', 'bigint', ({ revision }) => revision),
  plain<Changed>('position', 'bigint', ({ position }) => position),
  plain<Changed>('created_at', 'timestamptz', ({ createdAt }) => createdAt),
  plain<Changed>('status', 'text', ({ change }) => change.status),
  quotedText<Changed>('owner_id', 'text', ({ change }) => change.definition?.ownerId),
  quotedText<Changed>('name', 'text', ({ change }) => change.definition?.name),
  quotedText<Changed>('definition', 'json', ({ change: { definition } }) =>
    definition === undefined ? undefined : JSON.stringify(definition),
  ),
  plain<Changed>('may_overlap', 'boolean', ({ change: { definition } }) =>
    definition === undefined ? undefined : definition.whenStillRunning === 'allow',
  ),
  plain<Changed>('offset_ms', 'bigint', ({ change }) => change.offsetMs),
  plain<Changed>('decided_to_ms', 'bigint', ({ change }) => change.decidedTo),
  plain<Changed>('back_to_ms', 'bigint', ({ change }) => change.backTo),
  plain<Changed>('decided_exactly_ms', 'bigint', ({ change }) => change.decidedExactly),
  plain<Changed>('last_job_id', 'uuid', ({ change }) => change.lastJobId),
  quotedText<Changed>('note', 'text', ({ change }) => change.note),
  plain<Changed>('keeps_pause', 'boolean', ({ change }) => change.keepsPause ?? false),
  plain<Changed>('withdrawn_revision', 'bigint', ({ change, revision }) =>
    change.withdraws ? revision : undefined,
  ),
  plain<Changed>('keeps_note', 'boolean', ({ change }) => change.keepsNote ?? false),
] as const;

const insertText = `
  insert into schedules (schedule_id, revision, position, owner_id, name, status, definition, offset_ms,
                         may_overlap, decided_until_ms, came_until_ms, created_at, rule_since, last_at, withdrawn_revision)
  select schedule_id, revision, position, owner_id, name, status, definition, offset_ms,
         may_overlap, decided_exactly_ms, decided_exactly_ms, created_at, created_at, created_at, -1
  from ${unnest(columns)}
  on conflict (schedule_id) do update set
    revision = excluded.revision, position = excluded.position, owner_id = excluded.owner_id,
    name = excluded.name, status = excluded.status, definition = excluded.definition,
    offset_ms = excluded.offset_ms, may_overlap = excluded.may_overlap, decided_until_ms = excluded.decided_until_ms,
    came_until_ms = excluded.came_until_ms,
    created_at = excluded.created_at, rule_since = excluded.rule_since, last_at = excluded.last_at, last_job_id = null, note = null,
    withdrawn_revision = excluded.withdrawn_revision
  where schedules.revision < excluded.revision`;

const updateText = `
  update schedules t set
    revision = c.revision, position = c.position,
    status = case when c.keeps_pause and t.status = 'paused' then t.status
                  else coalesce(c.status, t.status) end,
    owner_id = coalesce(c.owner_id, t.owner_id), name = coalesce(c.name, t.name),
    definition = coalesce(c.definition, t.definition),
    offset_ms = coalesce(c.offset_ms, t.offset_ms),
    may_overlap = coalesce(c.may_overlap, t.may_overlap),
    rule_since = case when c.decided_exactly_ms is null then t.rule_since else c.created_at end,
    -- least and greatest pass over what is null
    decided_until_ms = coalesce(c.decided_exactly_ms, greatest(c.decided_to_ms, least(t.decided_until_ms,
      case when c.back_to_ms is not null then greatest(t.came_until_ms, c.back_to_ms - t.offset_ms) end))),
    came_until_ms = coalesce(c.decided_exactly_ms, greatest(t.came_until_ms, c.back_to_ms - t.offset_ms)),
    last_at = c.created_at,
    last_job_id = coalesce(c.last_job_id, t.last_job_id),
    withdrawn_revision = coalesce(c.withdrawn_revision, t.withdrawn_revision),
    note = case when c.keeps_note then t.note else c.note end
  from ${unnest(columns)}
  where t.schedule_id = c.schedule_id and t.revision < c.revision and t.revision >= c.first_revision - 1`;

const written = streamRows<Changed>({
  ...{ table: 'schedules', idColumn: 'schedule_id', prefix: SCHEDULE_STREAM_PREFIX },
  ...{ columns, insertText, updateText },
});

const isCreation = ({ facts }: ScheduleStep): boolean => facts[0].type === 'ScheduleCreated';

/** Changes of `schedules`. Come last of a round: what else is written looks at the rows as they were before. */
export const scheduleStatements = (
  steps: readonly ScheduleStep[],
): readonly (Statement | RowChanges)[] =>
  written(
    steps.filter(isCreation).map(changedOf),
    steps.filter((step) => !isCreation(step)).map(changedOf),
  );
