import type { Instant } from '../../domain/time';
import { NOTHING_APPLIED } from '../writing/checkpoint';
import { isInLog, type EventAt, type LogMark } from '../reading/log-place';
import type { LogScan } from '../reading/log-scan';
import type { ReadModel } from '../writing/combined';
import type { OpenWriteSession, WriteSession } from '../writing/write-session';

/** Between two looks at something that is waited for. */
export const LOOK_EVERY_MS = 50;

export type ReplayDeps = {
  readonly readModel: ReadModel;
  /** Sessions on the live schema, without time limits. */
  readonly openLive: OpenWriteSession;
  /** Writes the shadow, and nothing but it. */
  readonly openShadow: OpenWriteSession;
  readonly migrateShadow: () => Promise<unknown>;
  readonly shadow: string;
  /** Names of the migrations, in order. */
  readonly build: string;
  readonly scan: LogScan;
  readonly eventAt: EventAt;
  /** The system of the log; undefined for a log that names none. */
  readonly systemId: string | undefined;
  /** Throws away the messages of dispatched jobs, which are made again from the log. @returns whether it could */
  readonly forgetMessages: () => Promise<boolean>;
  readonly now: () => Instant;
  readonly pause: (milliseconds: number) => Promise<void>;
  readonly signal: AbortSignal;
  /** Told of rows that were compared; resolves when more may be. By default immediately. */
  readonly rowsRead?: (count: number) => Promise<void>;
  /** Events a transaction while the history is written; by default 5,000. */
  readonly bulkEvents?: number;
  /** How many events were read in this stage, and up to which position. */
  readonly onProgress: (stage: string, events: number, position: bigint | undefined) => void;
};

/** A replay with its connections. */
export type Running = ReplayDeps & {
  readonly control: WriteSession;
  readonly session: WriteSession;
  readonly live: string;
};

/** Whether the tables at this mark were made of events that the log has. */
export const isKnown = async ({ eventAt }: Pick<ReplayDeps, 'eventAt'>, mark: LogMark) =>
  mark.position === NOTHING_APPLIED || (await isInLog(mark, eventAt));
