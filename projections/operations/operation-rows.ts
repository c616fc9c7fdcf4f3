import { OPERATION_STREAM_PREFIX } from '../../domain/ids';
import type { OperationDefinition } from '../../domain/operation/definition';
import { countedOutcomes, noOutcomes, type OutcomeCounts } from '../../domain/operation/outcomes';
import type { OperationStatus } from '../../domain/operation/state';
import type { Timestamp } from '../../domain/time';
import type { RowChanges } from '../projection';
import { streamRows, type StreamChange } from '../writing/stream-rows';
import { plain, quotedText, unnest } from '../writing/unnest';
import type { Statement } from '../writing/write-session';
import type { OperationStep, PlacedOperationFact } from './operation-step';

/** What a step makes of the row of its operation; what is absent stays. The same rules as the domain's `evolve`. */
type RowChange = {
  readonly status?: OperationStatus;
  readonly definition?: OperationDefinition;
  readonly batches?: number;
  readonly items?: number;
  readonly isSelected?: true;
  readonly asOf?: string;
  readonly progressed?: number;
  /** More of them. */
  readonly more?: OutcomeCounts;
  /** Exactly so many, in the end. */
  readonly left?: number;
  readonly note?: string;
  readonly hasEnded?: true;
};

const changeOf = (fact: PlacedOperationFact): RowChange => {
  switch (fact.type) {
    case 'OperationStarted':
      return { status: 'selecting', definition: fact.data };
    case 'OperationSelected': {
      const { batch, from, jobIds } = fact.data;
      return { batches: batch + 1, items: from + jobIds.length };
    }
    case 'OperationSelectionCompleted': {
      const { asOf } = fact.data;
      return { status: 'running', isSelected: true, ...(asOf !== undefined && { asOf }) };
    }
    case 'OperationProgressed':
      return { progressed: fact.data.batch + 1 };
    case 'OperationStopRequested': {
      const { reason } = fact.data;
      return { status: 'stopping', ...(reason !== undefined && { note: reason }) };
    }
    case 'OperationCompleted':
      return { status: 'completed', hasEnded: true, left: fact.data.left };
    case 'OperationStopped': {
      const { problem, left } = fact.data;
      return {
        ...{ status: 'stopped', hasEnded: true, left },
        ...(problem !== undefined && { note: String(problem) }),
      };
    }
  }
};

const moreOf = (facts: OperationStep['facts']): OutcomeCounts => {
  let more = noOutcomes;
  for (const fact of facts)
    if (fact.type === 'OperationProgressed') more = countedOutcomes(more, fact.data.outcomes);
  return more;
};

type Changed = StreamChange & {
  readonly at: Timestamp;
  readonly change: RowChange;
  readonly more: OutcomeCounts;
};

const changedOf = ({ operationId, facts }: OperationStep): Changed => {
  const last = facts.at(-1) ?? facts[0];
  return {
    id: operationId,
    firstRevision: facts[0].revision,
    revision: last.revision,
    position: last.position,
    at: last.recordedAt,
    change: changeOf(last), // of several batches in a row the last one says all but the counts
    more: moreOf(facts),
  };
};

const columns = [
  plain<Changed>('operation_id', 'uuid', ({ id }) => id),
  plain<Changed>('first_revision', 'bigint', ({ firstRevision }) => firstRevision),
  plain<Changed>('revision', 'bigint', ({ revision }) => revision),
  plain<Changed>('position', 'bigint', ({ position }) => position),
  plain<Changed>('at', 'timestamptz', ({ at }) => at),
  plain<Changed>('status', 'text', ({ change }) => change.status),
  quotedText<Changed>('owner_id', 'text', ({ change }) => change.definition?.ownerId),
  quotedText<Changed>('definition', 'json', ({ change: { definition } }) =>
    definition === undefined ? undefined : JSON.stringify(definition),
  ),
  plain<Changed>('batches', 'integer', ({ change }) => change.batches),
  plain<Changed>('items', 'integer', ({ change }) => change.items),
  plain<Changed>('is_selected', 'boolean', ({ change }) => change.isSelected),
  plain<Changed>('as_of', 'bigint', ({ change }) => change.asOf),
  plain<Changed>('progressed', 'integer', ({ change }) => change.progressed),
  plain<Changed>('more_changed', 'integer', ({ more }) => more.changed),
  plain<Changed>('more_unchanged', 'integer', ({ more }) => more.unchanged),
  plain<Changed>('more_refused', 'integer', ({ more }) => more.refused),
  plain<Changed>('more_left', 'integer', ({ more }) => more.left),
  plain<Changed>('left_items', 'integer', ({ change }) => change.left),
  quotedText<Changed>('note', 'text', ({ change }) => change.note),
  plain<Changed>('has_ended', 'boolean', ({ change }) => change.hasEnded ?? false),
] as const;

const insertText = `
  insert into operations (operation_id, revision, position, owner_id, status, definition, batches, items, is_selected,
                          progressed, changed_items, unchanged_items, refused_items, left_items, started_at,
                          started_position)
  select operation_id, revision, position, owner_id, status, definition, 0, 0, false, 0, 0, 0, 0, 0, at, position
  from ${unnest(columns)}
  on conflict (operation_id) do update set
    revision = excluded.revision, position = excluded.position, owner_id = excluded.owner_id,
    status = excluded.status, definition = excluded.definition, batches = 0, items = 0, is_selected = false,
    as_of = null, progressed = 0, changed_items = 0, unchanged_items = 0, refused_items = 0, left_items = 0,
    note = null, started_at = excluded.started_at, started_position = excluded.started_position, ended_at = null
  where operations.revision < excluded.revision`;

const updateText = `
  update operations t set
    revision = c.revision, position = c.position,
    status = coalesce(c.status, t.status),
    batches = coalesce(c.batches, t.batches), items = coalesce(c.items, t.items),
    is_selected = coalesce(c.is_selected, t.is_selected), as_of = coalesce(c.as_of, t.as_of),
    progressed = coalesce(c.progressed, t.progressed),
    changed_items = t.changed_items + c.more_changed, unchanged_items = t.unchanged_items + c.more_unchanged,
    refused_items = t.refused_items + c.more_refused,
    left_items = coalesce(c.left_items, t.left_items + c.more_left),
    note = coalesce(c.note, t.note),
    ended_at = case when c.has_ended then c.at else t.ended_at end
  from ${unnest(columns)}
  where t.operation_id = c.operation_id and t.revision < c.revision and t.revision >= c.first_revision - 1`;

const written = streamRows<Changed>({
  ...{ table: 'operations', idColumn: 'operation_id', prefix: OPERATION_STREAM_PREFIX },
  ...{ columns, insertText, updateText },
});

const isStart = ({ facts }: OperationStep): boolean => facts[0].type === 'OperationStarted';

/** Changes of `operations`. Come last of a round: what else is written looks at the rows as they were before. */
export const operationStatements = (
  steps: readonly OperationStep[],
): readonly (Statement | RowChanges)[] =>
  written(
    steps.filter(isStart).map(changedOf),
    steps.filter((step) => !isStart(step)).map(changedOf),
  );
