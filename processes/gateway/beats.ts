import type { Log } from '../log';
import { Heartbeat, type HeartbeatAnswer } from '../protocol/heartbeat';
import { reader } from '../protocol/validate';
import type { BeatWriter } from './beat-writer';
import type { Rounds } from './rounds';

export type BeatDeps = {
  readonly writer: Pick<BeatWriter, 'write'>;
  /** `heardAt`: the last round trip that had ended when the beat came. */
  readonly compare: (
    beat: Heartbeat,
    heardAt: number,
  ) => Promise<Pick<HeartbeatAnswer, 'abort' | 'revoked'>>;
  readonly rounds: Pick<Rounds, 'latestEnded'>;
  readonly log: Log;
  /** Who answers: one that may be asked when another is late. */
  readonly gateway: string;
};

const heartbeat = reader(Heartbeat);

/** Writes beats down and says which runs of the executor are to stop; never rejects. */
export const beatAnswers = ({
  writer,
  compare,
  rounds,
  log,
  gateway,
}: BeatDeps): ((data: Uint8Array) => Promise<string>) => {
  const answer = async (data: Uint8Array): Promise<HeartbeatAnswer> => {
    const heardAt = rounds.latestEnded();
    const checked = heartbeat(data);
    if (!checked.ok) return { abort: [], code: 'invalid-request', detail: checked.detail };
    try {
      await writer.write(checked.value);
      return await compare(checked.value, heardAt);
    } catch (error) {
      const { executorId } = checked.value;
      log.warn({ err: error, executorId }, 'a heartbeat was not recorded');
      return { abort: [], code: 'unavailable' };
    }
  };
  return async (data) => JSON.stringify({ ...(await answer(data)), gateway });
};
