import type { JobTrace, TraceStatus } from '../../audit/job-trace';
import type { Standing } from '../../audit/waiting';
import { checksOf, type Checked, type EventKind } from '../../events/kind';
import type { JobState, KnownJob } from '../state';

/**
 * What an event is to the attempt that it concerns: `planned` gives it a due time, `sent` its message, `withdrawn`
 * takes that back, `aside` leaves the job as it stands.
 */
type AttemptRole =
  | 'planned'
  | 'sent'
  | 'started'
  | 'ended'
  | 'withdrawn'
  | 'expired'
  | 'given-up'
  | 'aside';

type JobAggregate = {
  readonly state: JobState;
  readonly trace: JobTrace;
  readonly status: TraceStatus;
  readonly found: Standing & { readonly job: KnownJob };
};

export type JobEventKind<Data> = EventKind<Data, JobAggregate> & { readonly attempt: AttemptRole };

export const jobEvent = <Data>(kind: JobEventKind<Data>): JobEventKind<Data> & Checked => ({
  ...kind,
  checks: checksOf(kind.fields),
});

/** Statuses in which a job is still its owner's to change. */
export const changeable: readonly TraceStatus[] = ['scheduled', 'queued'];
