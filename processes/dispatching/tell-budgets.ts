import type { ToldBudgets } from '../../infra/postgres/queue-budgets';
import { pause } from '../runtime/backoff';
import type { Logger } from '../runtime/logger';
import type { Places } from './shares/places';

export type TellBudgetsDeps = {
  readonly holder: string;
  readonly budgets: ToldBudgets;
  readonly logger: Logger;
};

const EVERY_MS = 2_000;
/** As many as an operator is told of: an owner may invent any number of names. */
const MAX_TOLD = 200;

/** Says every other second what may lie in the queues that are sent to. */
export const tellBudgets = async (
  { holder, budgets, logger }: TellBudgetsDeps,
  list: Places['budgets'],
  signal: AbortSignal,
): Promise<void> => {
  let isTold = true;
  while (!signal.aborted) {
    await pause(EVERY_MS, signal);
    const now = list(MAX_TOLD);
    if (now.length === 0) continue;
    try {
      await budgets.tell(holder, now);
      isTold = true;
    } catch (error) {
      if (isTold) logger.warn({ err: error }, 'the budgets of queues could not be told');
      isTold = false;
    }
  }
};
