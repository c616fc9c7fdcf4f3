import type { RecordedEvent } from '../domain/event-log';
import type { Instant } from '../domain/time';
import type { Month } from './writing/partitions';
import type { Statement } from './writing/write-session';

/** A statement that has to change `rows` rows. With fewer, `gaps` tells which of them lack an event before. */
export type RowChanges = Statement & {
  readonly rows: number;
  /** Gives the `stream` of each change that found nothing to build on; none when all had been applied before. */
  readonly gaps: Statement;
};

/** What a dispatcher wants to know of a batch: the rows of due_jobs that it wrote. */
export type DueNotice = { readonly position: bigint; readonly dueAt: Instant };

export type Plan = {
  readonly statements: readonly (Statement | RowChanges)[];
  /** Months of due_jobs that must have a partition before the statements run. */
  readonly dueMonths: readonly Month[];
  readonly due?: DueNotice;
};

/**
 * A read model as a pure function of its events. Its rows carry revision and position and never go
 * backwards, so events that are delivered again change nothing.
 */
export type Projection = {
  /** Key of its row in `checkpoint` and of its rows in `parked_streams`. */
  readonly name: string;
  readonly tables: readonly string[];
  readonly isMine: (stream: string) => boolean;
  /** @param events  in log order, of its own streams only  @throws for an event that it cannot read */
  readonly plan: (events: readonly RecordedEvent[]) => Plan;
};
