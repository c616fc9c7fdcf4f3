import type { LogMark, LogPlace } from '../reading/log-place';
import { MARK_COLUMNS, storedMark, type StoredMark } from '../stored-mark';
import { sendOne, type Statement, type StatementResult, type WriteSession } from './write-session';

/** Position of a projection that has applied nothing. */
export const NOTHING_APPLIED = -1n;

/** How far a projection is, and in which tables: a replay that exchanges them raises the generation. */
export type Checkpoint = LogMark & { readonly generation: bigint };

/** Where to go on after it. */
export const afterCheckpoint = ({ position, prepare }: LogPlace): LogPlace | 'start' =>
  position === NOTHING_APPLIED ? 'start' : { position, ...(prepare !== undefined && { prepare }) };

/** Someone else has written, or exchanged the tables, since this projector read the checkpoint: read it again. */
export class CheckpointMoved extends Error {
  override readonly name = 'CheckpointMoved';
}

/** @throws Error when the projection has no checkpoint: the migrations have not run */
export const readCheckpoint = async (
  session: WriteSession,
  projection: string,
): Promise<Checkpoint> => {
  const { rows } = await sendOne(session, {
    text: `select c.generation, ${MARK_COLUMNS} from checkpoint c where c.projection = $1`,
    values: [projection],
  });
  const [row] = rows;
  if (!row) throw new Error(`projection ${projection} has no checkpoint row: run the migrations`);
  // the columns of the statement above
  const { generation, ...mark } = row as StoredMark & { readonly generation: string };
  return {
    ...(storedMark(mark) ?? { position: NOTHING_APPLIED }),
    generation: BigInt(generation),
  };
};

/** Changes no row when the checkpoint is not what `from` says any more. */
export const moveCheckpoint = (
  projection: string,
  from: Checkpoint,
  { position, prepare, eventId }: LogMark,
): Statement => ({
  name: 'checkpoint_move',
  text: `update checkpoint set position = $4, prepare = $5, event_id = $6, event_position = $4,
           applied_at = clock_timestamp()
         where projection = $1 and position = $2 and generation = $3`,
  values: [
    ...[projection, String(from.position), String(from.generation), String(position)],
    ...[prepare === undefined ? null : String(prepare), eventId ?? null],
  ],
});

/** @param moved  the answer to `moveCheckpoint`  @throws CheckpointMoved */
export const requireMoved = (moved: StatementResult | undefined): void => {
  if (moved?.rowCount !== 1)
    throw new CheckpointMoved('the checkpoint is not where this projector left it');
};
