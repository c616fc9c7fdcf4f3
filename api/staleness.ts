import type { Freshness } from '../projections/queries/freshness';
import { RETRY_AFTER } from './failures';
import { optional, readPosition } from './parameters';
import type { Refusal } from './problem';
import type { Call } from './route';

export type QueryFreshness = Pick<Freshness, 'waitFor'>;

/** How long a query waits for a position that its caller has seen. */
const FRESHNESS_WAIT_MS = 2_000;

/** Waits for ?after=; tells why the query cannot be answered. */
export const staleness = async (
  { query }: Call,
  { waitFor }: QueryFreshness,
): Promise<Refusal | undefined> => {
  const after = optional(query, 'after', readPosition);
  if ('refusal' in after) return after.refusal;
  if (after.value === undefined || (await waitFor(after.value, FRESHNESS_WAIT_MS)))
    return undefined;
  return { code: 'projection-behind', headers: RETRY_AFTER };
};
