import { BATCH_ITEMS } from './limits';

/** Jobs as an operation goes through them. */
export const inBatches = (jobIds: readonly string[]): readonly (readonly string[])[] =>
  Array.from({ length: Math.ceil(jobIds.length / BATCH_ITEMS) }, (_, batch) =>
    jobIds.slice(batch * BATCH_ITEMS, (batch + 1) * BATCH_ITEMS),
  );
