import type { Knex } from 'knex';

/**
 * Changes no row, and is refused all the same by a server that takes no writes.
 *
 * @returns a trial @throws what the driver throws
 */
export const trialWrite = (db: Knex) => async (): Promise<void> => {
  await db.raw('update parked_streams set error = error where false');
};
