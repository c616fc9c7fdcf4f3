import type { FollowDeps } from '../core/follow';
import type { Log } from '../core/log';
import type { Writer } from '../core/writer';

export type HandlerDeps = FollowDeps & {
  readonly write: Writer['write'];
  readonly log: Log;
  readonly newId: () => string;
};
