import type { Job } from '../http/answers';
import { span } from '../time/format';

const LATE_MS = 1_000;
const VERY_LATE_MS = 60_000;
/** Lateness from a millisecond to a hundred seconds fills the bar, each tenfold a fifth of it. */
const FULL_MS = 100_000;

const gradeOf = (ms: number): string => {
  if (ms >= VERY_LATE_MS) return 'very-late';
  return ms >= LATE_MS ? 'late' : 'on-time';
};

const Lateness = ({ ms }: { readonly ms: number }) => (
  <span className={`lateness lateness-${gradeOf(ms)}`}>
    <span className="lateness-bar" aria-hidden>
      <span style={{ width: `${Math.min(1, Math.log(ms + 1) / Math.log(FULL_MS)) * 100}%` }} />
    </span>
    {span(ms)}
  </span>
);

export const HELD_BACK: Readonly<Record<string, string>> = {
  'no-executors': 'waits: no executor serves its queue',
  'queue-full': 'waits for its turn: its queue is full',
  'queue-rate': 'waits for its turn: its queue has a limit a second',
  'queue-running': 'waits for its turn: its queue runs as many as it may',
  'owner-running': 'waits for its turn: its owner runs as many as he may',
  'owner-turn': 'waits for its turn: other owners go in between',
};

/** Why a job that is due has not started. */
export const waitOf = (job: Job, now: number): string | undefined => {
  if (job.status === 'queued') {
    const since = Date.parse(job.dispatchedAt ?? job.dueAt);
    return `waits for an executor, ${span(Math.max(0, now - since))}`;
  }
  if (job.status !== 'scheduled') return undefined;
  if (job.waitingFor) return HELD_BACK[job.waitingFor.reason] ?? 'waits for its turn';
  const overdueMs = now - Date.parse(job.dueAt);
  return overdueMs > LATE_MS ? `due for ${span(overdueMs)}, not sent yet` : undefined;
};

/** How late it started, or what it waits for. */
export const Standing = ({ job, now }: { readonly job: Job; readonly now: number }) => {
  const waits = waitOf(job, now);
  if (waits !== undefined) return <span className="waits">{waits}</span>;
  if (job.startedAt !== null && job.latenessMs !== null) return <Lateness ms={job.latenessMs} />;
  return <span className="soft none">–</span>;
};
