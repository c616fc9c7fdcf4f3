import type { FollowDeps } from '../core/follow';
import type { Log } from '../core/log';
import type { Writer } from '../core/writer';

export type HandlerDeps = FollowDeps & {
  readonly write: Writer['write'];
  readonly log: Log;
  readonly newId: () => string;
  readonly nowMs: () => number;
  /**
   * Passes when the caller may read the stream, `$all` for the whole log.
   *
   * @throws CallError when it may not
   */
  readonly permitRead: (stream: string) => Promise<void>;
};
