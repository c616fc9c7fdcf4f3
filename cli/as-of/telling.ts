import type { AsOf } from '../../domain/audit/as-of';
import type { EventLog } from '../../domain/event-log';
import type { Actor } from '../../domain/events/metadata';
import type { Report } from '../report';

/** What is told, and to whom. */
export type Telling = {
  readonly id: string;
  readonly actor: Actor;
  readonly asOf: AsOf;
  /** Absent: all of it. */
  readonly limit?: number;
  readonly report: Report;
  readonly signal: AbortSignal;
};

/** @returns whether there was one */
export type Tell = (log: EventLog, telling: Telling) => Promise<boolean>;
