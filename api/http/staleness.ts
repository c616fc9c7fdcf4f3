import type { Lag } from '../../projections/queries/lag';
import type { Freshness } from '../../projections/queries/freshness';
import { RETRY_AFTER } from './failures';
import { optional, readPosition } from './parameters';
import type { Parsed, Refusal } from './problem';
import type { Call } from './route';

export type QueryFreshness = Pick<Freshness, 'waitFor' | 'position'> & {
  /** How far the read model was behind a moment ago; undefined while nobody can tell. */
  readonly lag: () => Lag | undefined;
};

/** How long a query waits for a position that its caller has seen. */
const FRESHNESS_WAIT_MS = 2_000;

/** The header that tells how old an answer may be. */
const LAG_HEADER = 'Punctual-Lag-Ms';

export const lagHeaderAnswer = {
  [LAG_HEADER]:
    'How far the read model was behind the log a moment ago, in ms; 0 for what the log itself answered.',
};

export const lagHeader = (ms: number | undefined): Readonly<Record<string, string>> =>
  ms === undefined ? {} : { [LAG_HEADER]: String(Math.round(ms)) };

/** The header that tells which changes an answer has for sure. */
const POSITION_HEADER = 'Punctual-Position';

export const positionHeaderAnswer = {
  [POSITION_HEADER]:
    'Every change up to this position is in it, and perhaps later ones; missing while nobody can tell, and of the past.',
};

/** @param position  as it was before the answer was read */
export const positionHeader = (position: bigint | undefined): Readonly<Record<string, string>> =>
  position === undefined ? {} : { [POSITION_HEADER]: String(position) };

/** Whether the read model comes to `?after=`; it is not waited for when it cannot come there in time. */
export const isFresh = async (
  call: Call,
  { waitFor, lag }: Pick<QueryFreshness, 'waitFor' | 'lag'>,
): Promise<Parsed<boolean>> => {
  const after = optional(call, 'after', readPosition);
  if ('refusal' in after) return after;
  if (after.value === undefined) return { value: true };
  const isFarBehind = (lag()?.ms ?? 0) > FRESHNESS_WAIT_MS;
  return { value: await waitFor(after.value, isFarBehind ? 0 : FRESHNESS_WAIT_MS) };
};

/** Waits for ?after=, however far behind the read model is; tells why the query cannot be answered. */
export const staleness = async (
  call: Call,
  { waitFor }: Pick<QueryFreshness, 'waitFor'>,
): Promise<Refusal | undefined> => {
  const fresh = await isFresh(call, { waitFor, lag: () => undefined });
  if ('refusal' in fresh) return fresh.refusal;
  return fresh.value ? undefined : { code: 'projection-behind', headers: RETRY_AFTER };
};
