import { dataOf, type StoredEvent } from '../events/catalog';
import { isCount, isText, isTrue, optional, type Fields } from '../events/fields';

/** What operators proved of the log, one event each; no job's, so the projection never asks for it. */
export const VERIFICATION_STREAM = 'punctual-verifications';

/** The storage format: never renamed, never removed. */
export const LOG_VERIFIED = 'LogVerified';

export type Verification = {
  /** Where the window began and ended, as it was asked for: a time or a position. Absent: all of the log. */
  readonly from?: string;
  readonly to?: string;
  /** The last one that was looked at; absent for a window without events. */
  readonly position?: string;
  readonly events: number;
  readonly violations: number;
  /** Findings of what is gone and cannot be proved. */
  readonly gone: number;
  /** Head of the seals that were checked as well. */
  readonly sealHead?: string;
  /** What was left out: whether the read model is the fold of the log, and whether the messages are those of the log. */
  readonly noReadModel?: true;
  readonly noNats?: true;
};

const fields: Fields<Verification> = {
  from: optional(isText),
  to: optional(isText),
  position: optional(isText),
  events: isCount,
  violations: isCount,
  gone: isCount,
  sealHead: optional(isText),
  noReadModel: optional(isTrue),
  noNats: optional(isTrue),
};

const isVerification = (data: object): data is Verification =>
  Object.entries(fields).every(([name, is]) => is(data[name as keyof typeof data]));

/** Undefined for what tells of no verification that this build understands. */
export const readVerification = (stored: StoredEvent): Verification | undefined => {
  const data = dataOf(LOG_VERIFIED, stored);
  return data !== undefined && isVerification(data) ? data : undefined;
};
