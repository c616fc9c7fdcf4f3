import type { Logger } from '../runtime/logger';
import { Heartbeat, type HeartbeatAnswer } from '../protocol/heartbeat';
import { runsWithin } from '../protocol/message-size';
import { reader } from '../protocol/validate';
import type { BeatWriter } from './beat-writer';
import type { Rounds } from './rounds';

export type BeatDeps = {
  readonly writer: Pick<BeatWriter, 'write'>;
  /** Told of each beat that can be read. */
  readonly serves: (executorId: string, queue: string) => void;
  /** `heardAt`: the last round trip that had ended when the beat came. */
  readonly compare: (
    beat: Heartbeat,
    heardAt: number,
  ) => Promise<Pick<HeartbeatAnswer, 'abort' | 'revoked'>>;
  readonly rounds: Pick<Rounds, 'latestEnded'>;
  /** The largest answer that can be given now. */
  readonly maxMessageBytes: () => number;
  readonly logger: Logger;
  /** Who answers: one that may be asked when another is late. */
  readonly gateway: string;
};

const heartbeat = reader(Heartbeat);

/** Writes beats down and says which runs of the executor are to stop; never rejects. */
export const beatAnswers = ({
  writer,
  serves,
  compare,
  rounds,
  maxMessageBytes,
  logger,
  gateway,
}: BeatDeps): ((data: Uint8Array) => Promise<string>) => {
  const answer = async (data: Uint8Array): Promise<HeartbeatAnswer> => {
    const heardAt = rounds.latestEnded();
    const checked = heartbeat(data);
    if (!checked.ok) return { abort: [], code: 'invalid-request', detail: checked.detail };
    serves(checked.value.executorId, checked.value.queue);
    try {
      await writer.write(checked.value);
      const { abort, revoked } = await compare(checked.value, heardAt);
      // what is left out is named in the answer to a later beat
      const room = runsWithin(maxMessageBytes());
      const named = revoked?.slice(0, room) ?? [];
      return {
        abort: abort.slice(0, room - named.length),
        ...(named.length > 0 && { revoked: named }),
      };
    } catch (error) {
      const { executorId } = checked.value;
      logger.warn({ err: error, executorId }, 'a heartbeat was not recorded');
      return { abort: [], code: 'unavailable' };
    }
  };
  return async (data) => JSON.stringify({ ...(await answer(data)), gateway });
};
