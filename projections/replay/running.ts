import type { Instant } from '../../domain/time';
import type { LogScan } from '../log-scan';
import { jobsProjection } from '../registry';
import type { OpenWriteSession, WriteSession } from '../write-session';

export const { name: projection } = jobsProjection;

/** Between two looks at something that is waited for. */
export const LOOK_EVERY_MS = 50;

export type ReplayDeps = {
  /** Sessions on the live schema, without time limits. */
  readonly openLive: OpenWriteSession;
  /** Writes the shadow, and nothing but it. */
  readonly openShadow: OpenWriteSession;
  readonly migrateShadow: () => Promise<unknown>;
  readonly shadow: string;
  /** Names of the migrations, in order. */
  readonly build: string;
  readonly scan: LogScan;
  readonly now: () => Instant;
  readonly pause: (milliseconds: number) => Promise<void>;
  readonly signal: AbortSignal;
  /** Told of rows that were compared; resolves when more may be. At once unless told. */
  readonly rowsRead?: (count: number) => Promise<void>;
  /** Events a transaction while the history is written; 5,000 unless told. */
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
