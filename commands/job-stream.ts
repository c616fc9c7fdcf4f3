import { decodeJobEvent } from '../domain/events/catalog';
import type { EventMetadata } from '../domain/events/metadata';
import type { JobFact } from '../domain/job/events';
import { fold } from '../domain/decider';
import { job } from '../domain/job/decide';
import type { JobState } from '../domain/job/state';
import { jobStream } from '../domain/ids';
import type { EventLog } from './ports';

export type LoadedFact = JobFact & {
  readonly id: string;
  readonly position: bigint;
  readonly metadata: EventMetadata;
};

export type LoadedJob = { readonly facts: readonly LoadedFact[]; readonly state: JobState };

/** Reads and folds a job's stream; an unknown job has no facts and the status `none`. */
export const loadJob = async (log: EventLog, jobId: string): Promise<LoadedJob> => {
  const events = await log.read(jobStream(jobId));
  const facts = events.map((event) => ({
    ...decodeJobEvent(event),
    id: event.id,
    position: event.position,
  }));
  return { facts, state: fold(job.evolve, job.initial, facts) };
};
