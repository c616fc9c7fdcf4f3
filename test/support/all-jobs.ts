import type { JobView } from '../../domain/job/view';
import type { HttpUser } from './http';
import type { Folded } from './log-checker';

/** Every job that a user sees, from all pages of the list. */
export const allJobs = async (user: HttpUser): Promise<ReadonlyMap<string, JobView>> => {
  const jobs = new Map<string, JobView>();
  let cursor = '';
  do {
    const { status, body } = await user.get(`/v1/jobs?limit=200${cursor && `&cursor=${cursor}`}`);
    if (status !== 200) throw new Error(JSON.stringify(body));
    for (const job of body.items ?? []) jobs.set(job.jobId, job);
    cursor = body.nextCursor ?? '';
  } while (cursor);
  return jobs;
};

/** What the list says of each job, to be compared with the fold of the log. */
export const asFolded = (jobs: ReadonlyMap<string, JobView>): Readonly<Record<string, Folded>> =>
  Object.fromEntries(
    [...jobs.values()].map(({ jobId, status, dueAt, attempt, revision }) => [
      jobId,
      { status, dueAt: Date.parse(dueAt), attempt, revision },
    ]),
  );
