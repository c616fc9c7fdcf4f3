import type { FailureLog } from '../core/failure-log';
import type { FollowDeps } from '../core/follow';
import type { Log } from '../core/log';
import type { Writer } from '../core/writer';

export type HandlerDeps = FollowDeps & {
  readonly write: Writer['write'];
  readonly log: Log;
  /** Told of each read that fails; logs few of them. */
  readonly logReadFailure: FailureLog;
  /** The server is as strict as a real one, see `EventStoreServerOptions.like`. */
  readonly isLikeReal: boolean;
  /** Larger appends are refused; see `eventBytes` for what counts. */
  readonly maxAppendBytes: number;
  readonly newId: () => string;
  readonly nowMs: () => number;
  /**
   * Passes when the caller may read the stream, `$all` for the whole log.
   *
   * @throws CallError when it may not
   */
  readonly permitRead: (stream: string) => Promise<void>;
};
