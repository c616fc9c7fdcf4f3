import type { LoggedEvent, Streams } from './log-checker';

/** What the log says of a schedule that is due at each multiple of a step, read from the spec and not with the product's code. */
export type CheckedSchedule = {
  /** Each breach of a promise as a sentence; none is what we want. */
  readonly breaches: readonly string[];
  /** The jobs that were planned, in order. */
  readonly planned: readonly PlannedInLog[];
};

export type PlannedInLog = {
  readonly jobId: string;
  readonly occurrenceAt: number;
  readonly dueAt: number;
  /** When it was taken back; absent when it was left to run. */
  readonly withdrawnAt?: number;
};

const time = (value: unknown): number => Date.parse(String(value));
const text = (at: number): string => new Date(at).toISOString();

/** Every instant from the creation to the deletion is planned or skipped, once and in order. */
export const checkSchedule = (events: readonly LoggedEvent[], stepMs: number): CheckedSchedule => {
  const breaches: string[] = [];
  let planned: readonly PlannedInLog[] = [];
  /** Up to here all is decided. */
  let decidedUntil = NaN;
  const nextOf = (at: number): number => Math.floor(at / stepMs) * stepMs + stepMs;
  const decide = (what: string, first: number, last: number, count: number): void => {
    const next = nextOf(decidedUntil);
    if (first !== next)
      breaches.push(`${what} ${text(first)} where ${text(next)} was to be decided`);
    if (count !== (last - first) / stepMs + 1)
      breaches.push(`${what} ${count} from ${text(first)} to ${text(last)}`);
    decidedUntil = last;
  };
  const withdraw = (at: number): void => {
    decidedUntil = Math.min(decidedUntil, at);
    planned = planned.map((one) =>
      one.dueAt > at && one.withdrawnAt === undefined ? { ...one, withdrawnAt: at } : one,
    );
  };

  for (const [index, { type, data, at, revision }] of events.entries()) {
    if (revision !== index) breaches.push(`revision ${revision} at place ${index}`);
    if (type === 'ScheduleCreated') decidedUntil = at;
    if (type === 'OccurrencePlanned') {
      const occurrenceAt = time(data['occurrenceAt']);
      decide('planned', occurrenceAt, occurrenceAt, 1);
      planned = [
        ...planned,
        { jobId: String(data['jobId']), occurrenceAt, dueAt: time(data['dueAt']) },
      ];
    }
    if (type === 'OccurrencesSkipped') {
      decide('skipped', time(data['from']), time(data['to']), Number(data['count']));
      if (typeof data['reason'] !== 'string') breaches.push(`skipped for no reason at ${index}`);
    }
    if (type === 'SchedulePaused') withdraw(at);
    if (type === 'ScheduleDeleted') {
      if (nextOf(decidedUntil) <= at) breaches.push(`undecided: ${text(nextOf(decidedUntil))}`);
      withdraw(at);
    }
  }
  if (events.at(-1)?.type !== 'ScheduleDeleted') breaches.push('it was not deleted last');
  return { breaches, planned };
};

/** Every breach in what became of the jobs that a schedule has planned, as a sentence. */
export const jobBreaches = (
  scheduleId: string,
  planned: readonly PlannedInLog[],
  jobs: Streams,
): readonly string[] => {
  const breaches: string[] = [];
  const starts = new Map<number, number>();
  for (const { jobId, occurrenceAt } of planned) {
    const [first, ...later] = jobs.get(jobId) ?? [];
    if (first === undefined) breaches.push(`${text(occurrenceAt)} has no job`);
    else if (time(first.data['occurrenceAt']) !== occurrenceAt)
      breaches.push(`${jobId} is of ${String(first.data['occurrenceAt'])}`);
    const started = later.filter(({ type }) => type === 'JobStarted').length;
    starts.set(occurrenceAt, (starts.get(occurrenceAt) ?? 0) + started);
  }
  for (const [occurrenceAt, count] of starts)
    if (count > 1) breaches.push(`${text(occurrenceAt)} started ${count} times`);
  const known = new Set(planned.map(({ jobId }) => jobId));
  if (known.size !== planned.length) breaches.push('one job is planned for two occurrences');
  for (const [jobId, [first]] of jobs)
    if (first?.data['scheduleId'] === scheduleId && !known.has(jobId))
      breaches.push(`${jobId} was never planned`);
  return breaches;
};
