import type { ToldStarts } from '../../infra/postgres/queue-starts';
import { pause } from '../runtime/backoff';
import type { Logger } from '../runtime/logger';
import type { StartCounts } from './start-counts';

export type TellStartsDeps = {
  readonly gatewayId: string;
  readonly starts: ToldStarts;
  readonly logger: Logger;
};

const EVERY_MS = 1_000;

/** Says each second how many jobs started in it; who hears beats and grants claims does not wait for that. */
export const tellStarts = async (
  { gatewayId, starts, logger }: TellStartsDeps,
  counts: StartCounts,
  signal: AbortSignal,
): Promise<void> => {
  let isTold = true;
  while (!signal.aborted) {
    await pause(EVERY_MS, signal);
    const taken = counts.take();
    if (taken.size === 0) continue;
    try {
      await starts.tell(gatewayId, taken);
      isTold = true;
    } catch (error) {
      counts.giveBack(taken);
      if (isTold) logger.warn({ err: error }, 'how many jobs start could not be told');
      isTold = false;
    }
  }
};
