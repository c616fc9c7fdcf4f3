import type { ExecutorBeats } from '../../infra/postgres/executor-beats';
import type { UnfinishedJobs } from '../../projections/queries/unfinished-jobs';
import type { Log } from '../log';
import { Heartbeat, type HeartbeatAnswer } from '../protocol/heartbeat';
import { reader } from '../protocol/validate';

export type BeatDeps = {
  readonly beats: Pick<ExecutorBeats, 'record'>;
  readonly unfinished: Pick<UnfinishedJobs, 'abortRequested'>;
  readonly log: Log;
};

const heartbeat = reader(Heartbeat);

/** Joins calls that come while one is under way into the next one. */
const coalesced = (beats: Pick<ExecutorBeats, 'record'>) => {
  let next = new Map<string, Heartbeat>();
  let underWay: Promise<void> | undefined;
  let following: Promise<void> | undefined;

  const start = (): Promise<void> => {
    const batch = [...next.values()];
    next = new Map();
    following = undefined;
    const recorded = beats.record(batch).finally(() => {
      if (underWay === recorded) underWay = undefined;
    });
    underWay = recorded;
    return recorded;
  };
  return (beat: Heartbeat): Promise<void> => {
    next.set(beat.executorId, beat);
    if (!underWay) return start();
    following ??= underWay.then(start, start);
    return following;
  };
};

/** Writes beats down and says which jobs of the executor are to stop; never rejects. */
export const beatAnswers = ({
  beats,
  unfinished,
  log,
}: BeatDeps): ((data: Uint8Array) => Promise<string>) => {
  const record = coalesced(beats);
  const answer = async (data: Uint8Array): Promise<HeartbeatAnswer> => {
    const checked = heartbeat(data);
    if (!checked.ok) return { abort: [], code: 'invalid-request', detail: checked.detail };
    const { executorId, running } = checked.value;
    try {
      await record(checked.value);
      return { abort: running > 0 ? [...(await unfinished.abortRequested(executorId))] : [] };
    } catch (error) {
      log.warn({ err: error, executorId }, 'a heartbeat was not recorded');
      return { abort: [], code: 'unavailable' };
    }
  };
  return async (data) => JSON.stringify(await answer(data));
};
