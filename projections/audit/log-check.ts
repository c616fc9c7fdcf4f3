import type { Violation } from '../../domain/audit/violation';
import type { StoredBytes } from '../reading/log-scan';

/** Someone who looks at every event of a scan for something that must not be. */
export type LogCheck = {
  /** In the order of the log. @throws what makes the whole verification worthless */
  readonly take: (batch: readonly StoredBytes[]) => void | Promise<void>;
  /** After the last batch: what was found and not reported on the way. */
  readonly end: () => readonly Violation[] | Promise<readonly Violation[]>;
};
