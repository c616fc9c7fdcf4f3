import type { RecordedEvent } from '../../domain/event-log';
import { PartitionMissing } from './partitions';
import type { Plan, Projection, RowChanges } from '../projection';
import { sendOne, type Statement, type StatementResult, type WriteSession } from './write-session';

/** Events that follow nothing we have: those before them are missing, or are parked. */
export class EventsMissing extends Error {
  override readonly name = 'EventsMissing';
  /** All of one of a plan's statements that lack something. */
  readonly streams: ReadonlySet<string>;
  constructor(streams: ReadonlySet<string>) {
    super('events before this one are missing');
    this.streams = streams;
  }
}

/** Events that a projection could not make statements of; `cause` says why. */
class UnreadableEvents extends Error {
  override readonly name = 'UnreadableEvents';
}

/** SQLSTATE classes that blame the data: bad values, broken constraints, rows too large. Others may pass by themselves. */
const BLAMES_DATA = /^(22|23|54)/;

/** An error that the same events will give again, and others will not. */
export const isDataError = (error: unknown): boolean => {
  if (error instanceof EventsMissing || error instanceof UnreadableEvents) return true;
  if (error instanceof PartitionMissing) return true;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && BLAMES_DATA.test(code);
};

/** @throws UnreadableEvents */
export const planOf = (
  projection: Pick<Projection, 'plan'>,
  events: readonly RecordedEvent[],
): Plan => {
  try {
    return projection.plan(events);
  } catch (cause) {
    throw new UnreadableEvents(cause instanceof Error ? cause.message : String(cause), { cause });
  }
};

const isRowChanges = (statement: Statement | RowChanges): statement is RowChanges =>
  'gaps' in statement;

/** Rows that were not touched had been applied before, or have no row to build on. */
const checkGaps = async (
  session: WriteSession,
  statement: Statement | RowChanges,
  result: StatementResult | undefined,
): Promise<void> => {
  if (!isRowChanges(statement) || result?.rowCount === statement.rows) return;
  const { rows } = await sendOne(session, statement.gaps);
  if (rows.length > 0) throw new EventsMissing(new Set(rows.map(({ stream }) => String(stream))));
};

/**
 * Sends a plan inside the caller's transaction, all statements in one flight.
 *
 * @param before  statements that go ahead in the same flight
 * @returns       the results of `before`
 */
export const applyPlan = async (
  session: WriteSession,
  plan: Plan,
  before: readonly Statement[] = [],
): Promise<readonly StatementResult[]> => {
  const results = await session.send([...before, ...plan.statements]);
  for (const [index, statement] of plan.statements.entries())
    await checkGaps(session, statement, results[before.length + index]);
  return results.slice(0, before.length);
};
