import { systemOf } from '../commands/found-system';
import { isReadModelLost } from '../infra/postgres/failures';
import type { ReadModelOrigin } from '../projections/audit/read-model-origin';
import {
  mismatchOf,
  mismatchText,
  type Mismatch,
  type SameLogDeps,
} from '../projections/audit/same-log';

/** Undefined for tables that are lost, or of a build that knew nothing of this: they say nothing. */
const lookAt = async ({ origin }: SameLogDeps): Promise<ReadModelOrigin | undefined> => {
  try {
    return await origin.look();
  } catch (error) {
    if (isReadModelLost(error)) return undefined;
    throw error;
  }
};

/**
 * Refuses a read model that does not belong beside the log: what is told of both would be of neither.
 *
 * @param kinds  of mismatches that are refused; others are passed over
 * @throws Error that says what does not belong together, and what to do
 */
export const requireSameLog = async (
  deps: SameLogDeps,
  kinds: readonly Mismatch['kind'][],
): Promise<void> => {
  const origin = await lookAt(deps);
  const mismatch = origin && (await mismatchOf(deps, await systemOf(deps.log), origin));
  if (!mismatch || !kinds.includes(mismatch.kind)) return;
  const { found, remedy } = mismatchText(mismatch);
  throw new Error(`there is ${found}. ${remedy}`);
};
