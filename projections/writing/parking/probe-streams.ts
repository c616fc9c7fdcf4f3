import type { RecordedEvent } from '../../../domain/event-log';
import { isDataError, planOf } from '../apply-plan';
import { createPartitions, PartitionMissing } from '../partitions';
import type { Plan, Projection } from '../../projection';
import { KEEP_PART, ROLL_BACK_PART, SAVE_PART } from '../transaction';
import { sendOne, type Statement, type WriteSession } from '../write-session';

/** One that fails to be prepared would be missing for the others of the flight. */
const unprepared = ({ text, values }: Statement): Statement => ({
  text,
  ...(values && { values }),
});

/** For those that can be had: a stream that lacks its own will say so. @returns what is missing for want of a right */
const makePartitions = async (
  session: WriteSession,
  plans: readonly Plan[],
): Promise<PartitionMissing | undefined> => {
  await sendOne(session, SAVE_PART);
  try {
    await createPartitions(
      session,
      plans.flatMap(({ partitions }) => partitions),
    );
    await sendOne(session, KEEP_PART);
    return undefined;
  } catch (error) {
    if (!isDataError(error)) throw error;
    await session.send(ROLL_BACK_PART);
    return error instanceof PartitionMissing ? error : undefined;
  }
};

/**
 * What the database says of each stream by itself: undefined for one that it takes, else its error. Writes nothing: each is taken back immediately, so all
 * go in one flight, the failed ones too. Runs inside the caller's transaction.
 *
 * @throws what does not blame the data: an outage
 */
export const probeStreams = async (
  session: WriteSession,
  projection: Projection,
  streams: readonly (readonly RecordedEvent[])[],
): Promise<readonly unknown[]> => {
  const plans = streams.map((events) => planOf(projection, events));
  const missing = await makePartitions(session, plans);
  const probe = async ({ statements, partitions }: Plan): Promise<void> => {
    // its statements would name a table that is not there
    if (missing && partitions.some((partition) => missing.partitions.includes(partition)))
      throw missing;
    await session.send([SAVE_PART, ...statements.map(unprepared), ...ROLL_BACK_PART]);
  };
  const answers = await Promise.allSettled(plans.map(probe));
  return answers.map((answer): unknown => {
    if (answer.status === 'fulfilled') return undefined;
    if (!isDataError(answer.reason)) throw answer.reason;
    return answer.reason;
  });
};
