import type { RecordedEvent } from '../domain/event-log';
import type { Instant } from '../domain/time';
import type { Migration } from './migrations/migration';
import type { StoredBytes } from './reading/log-scan';
import type { Notice } from './writing/notice';
import type { Partition } from './writing/partitions';
import type { Statement, WriteSession } from './writing/write-session';

/** A statement that has to change `rows` rows. With fewer, `gaps` tells which of them lack an event before. */
export type RowChanges = Statement & {
  readonly rows: number;
  /** Gives the `stream` of each change that found nothing to build on; none when all had been applied before. */
  readonly gaps: Statement;
};

export type Plan = {
  readonly statements: readonly (Statement | RowChanges)[];
  /** Must be there before the statements run. */
  readonly partitions: readonly Partition[];
  /** What goes out with the commit. */
  readonly notice: Notice;
};

/** A table, and how a replay holds the live one against the rebuilt one. The texts are SQL over a row called `t`. */
export type Table = {
  readonly key: readonly string[];
  /** A number from 0 to 255: rows of one bucket are hashed together. */
  readonly bucket: string;
  /** `month`: partitioned by calendar month. */
  readonly by?: 'month';
  /** Rows that are compared; absent: all. */
  readonly where?: (now: Instant) => string;
  /** Its rows are sums over many streams: none tells whose events it lacks. */
  readonly isOfMany?: true;
};

/** Statements of a batch, made event by event as they come. */
export type Fold = {
  /** False for an event that is not the projection's. @throws for one that it cannot read: nothing of it is taken */
  readonly add: (event: StoredBytes) => boolean;
  /** @throws for events that it cannot read */
  readonly plan: () => Plan;
};

/** How the history gets into tables without rows and without most of their indexes. */
export type Rebuild = {
  /** Tables into which rows go without a look for their key, so it is made at the end. */
  readonly keyless: readonly string[];
  readonly plan: (events: readonly RecordedEvent[]) => Plan;
  /** The same of an empty batch. */
  readonly fold: () => Fold;
  /** Makes of the history what the live tables hold. Runs once, inside the caller's transaction. */
  readonly finish: (session: WriteSession) => Promise<void>;
};

/**
 * A read model as a pure function of its events. Its rows carry revision and position and never go
 * backwards, so events that are delivered again change nothing.
 */
export type Projection = {
  readonly name: string;
  readonly tables: Readonly<Record<string, Table>>;
  /** What makes the tables, by names that no other projection has. Append only. */
  readonly migrations: readonly Migration[];
  /** How the names of its streams begin: the event store sends no others. */
  readonly prefixes: readonly string[];
  readonly isMine: (stream: string) => boolean;
  /** @param events  in log order, of its own streams only  @throws for an event that it cannot read */
  readonly plan: (events: readonly RecordedEvent[]) => Plan;
  /** Each removes some thousands of old rows, and tells whether there may be more. */
  readonly trims: readonly ((session: WriteSession) => Promise<boolean>)[];
  /** Statements for streams that are brought back, of which rows come now whose positions were passed long ago. */
  readonly broughtBack?: (streams: readonly string[]) => readonly Statement[];
  /** What those are told who know none of the rows that are there. */
  readonly noticeOfAll: (session: WriteSession) => Promise<Notice>;
  /** `by-plan`: as it is written live. @param now  rows that `trims` would remove at this time need not be made */
  readonly rebuild: 'by-plan' | ((now: Instant) => Rebuild);
};

/** Names of the tables that are partitioned by month. */
export const monthlyTables = ({ tables }: Pick<Projection, 'tables'>): readonly string[] =>
  Object.entries(tables).flatMap(([name, { by }]) => (by === 'month' ? [name] : []));
