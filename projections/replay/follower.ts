import type { LogMark } from '../reading/log-place';
import { announceNothing } from '../projected';
import { projectionWriter, type ProjectionWriter } from '../writing/projection-writer';
import { jobsProjection } from '../registry';
import { advance } from './advance';
import type { Running } from './running';

const FOLLOW_EVENTS = 1_000;
/** A round of following that read no more than this has caught up: the next one takes some milliseconds. */
const CLOSE_EVENTS = 500;

export type Follower = {
  readonly writer: ProjectionWriter;
  /** Up to a position, or to the end of the log. @returns events read */
  readonly follow: (upTo?: LogMark) => Promise<number>;
};

export const follower = async (running: Running): Promise<Follower> => {
  const { session, onProgress } = running;
  const writer = await projectionWriter(session, jobsProjection, announceNothing);
  const deps = {
    ...running,
    projection: jobsProjection,
    onProgress: (events: number, position: bigint) => {
      onProgress('following', events, position);
    },
  };
  return { writer, follow: (upTo) => advance(deps, writer, FOLLOW_EVENTS, upTo) };
};

export const followClosely = async ({ follow }: Follower): Promise<number> => {
  let events = 0;
  for (;;) {
    const round = await follow();
    events += round;
    if (round <= CLOSE_EVENTS) return events;
  }
};
