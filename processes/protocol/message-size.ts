import { MAX_BATCH } from './fields';

/** The broker's limit for one message, unless it has told another. */
export const USUAL_MAX_MESSAGE_BYTES = 1_024 * 1_024;

/** Room for a claim, for its answer, or for all of a report but its outcome. */
export const ENTRY_BYTES = 1_000;

/** Room for a run in a beat or in its answer. */
const RUN_BYTES = 100;

/** Claims or reports of which one message can carry the answers. */
export const batchWithin = (maxMessageBytes: number): number =>
  Math.max(1, Math.min(MAX_BATCH, Math.floor(maxMessageBytes / ENTRY_BYTES)));

/** Runs that one message can carry beside all else that is in a beat or its answer. */
export const runsWithin = (maxMessageBytes: number): number =>
  Math.max(0, Math.floor((maxMessageBytes - ENTRY_BYTES) / RUN_BYTES));
