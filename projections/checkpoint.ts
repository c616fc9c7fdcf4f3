import { sendOne, type Statement, type WriteSession } from './write-session';

/** Position of a projection that has applied nothing. */
export const NOTHING_APPLIED = -1n;

/** Another projector has written since this one read the checkpoint: read it again. */
export class CheckpointMoved extends Error {
  override readonly name = 'CheckpointMoved';
}

/** @throws Error when the projection has no checkpoint: the migrations have not run */
export const readCheckpoint = async (
  session: WriteSession,
  projection: string,
): Promise<bigint> => {
  const { rows } = await sendOne(session, {
    text: 'select position from checkpoint where projection = $1',
    values: [projection],
  });
  const position = rows[0]?.['position'];
  if (typeof position !== 'string')
    throw new Error(`projection ${projection} has no checkpoint row: run the migrations`);
  return BigInt(position);
};

/** Changes no row when the checkpoint is not at `from` any more. */
export const moveCheckpoint = (projection: string, from: bigint, to: bigint): Statement => ({
  name: 'checkpoint_move',
  text: `update checkpoint set position = $3, applied_at = clock_timestamp()
         where projection = $1 and position = $2`,
  values: [projection, String(from), String(to)],
});
