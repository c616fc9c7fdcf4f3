import { aligned } from '../table';

/** As far as it is shown here; docs/http.md has all of it. */
export type ScheduleAnswer = {
  readonly scheduleId: string;
  readonly name: string;
  readonly status: string;
  readonly timing: Readonly<Record<string, string>>;
  readonly timeZone: string;
  readonly note?: string;
  readonly next: readonly Run[];
  readonly jobIds?: readonly string[];
};

export type Run = {
  readonly occurrenceAt?: string;
  readonly dueAt: string;
  readonly localTime: string;
  readonly note?: string;
};

export const timingText = (timing: ScheduleAnswer['timing']): string =>
  Object.entries(timing)
    .map(([kind, value]) => `${kind} ${value.replaceAll('\n', ' ')}`)
    .join(' ');

/** Lines of runs that are to come: by the clock of the zone, and in UTC. */
export const runLines = (runs: readonly Run[]): readonly string[] =>
  aligned(
    runs.map(({ dueAt, localTime, note = '' }) => ['', localTime, dueAt, note]),
    4,
  );

export const scheduleText = (schedule: ScheduleAnswer): string =>
  [
    `${schedule.name}  ${schedule.scheduleId}`,
    `  ${timingText(schedule.timing)} in ${schedule.timeZone}`,
    `  ${schedule.status}${schedule.note === undefined ? '' : `: ${schedule.note}`}`,
    ...(schedule.jobIds ?? []).map((jobId) => `  job ${jobId}`),
    ...(schedule.next.length > 0 ? ['  next:', ...runLines(schedule.next)] : []),
  ].join('\n');
