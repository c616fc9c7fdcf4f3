import type { ScheduleEvent } from '../../domain/schedule/events';
import { fromTimestamp, toTimestamp, type Instant } from '../../domain/time';

// what becomes of occurrences, in the words of docs/schedules.md

/** `10:42`, `10:00:45`, of another day than that of the tale with its date. */
export const shown = (timestamp: string): string => {
  const [day = '', time = ''] = timestamp.split('T');
  const short = time.startsWith(`${time.slice(0, 5)}:00`) ? time.slice(0, 5) : time.slice(0, 8);
  return day === '2026-12-07' ? short : `${day} ${short}`;
};
export const shownAt = (instant: Instant): string => shown(toTimestamp(instant));

export type PlannedData = Extract<ScheduleEvent, { type: 'OccurrencePlanned' }>['data'];

export const plans = (events: readonly ScheduleEvent[]): readonly PlannedData[] =>
  events.flatMap((event) => (event.type === 'OccurrencePlanned' ? [event.data] : []));

/** Many alike are told as one. */
export const together = (occurrences: readonly string[], what: string): readonly string[] =>
  occurrences.length <= 3
    ? occurrences.map((one) => `${one} ${what}`)
    : [`${occurrences.length} from ${occurrences[0]} to ${occurrences.at(-1)} ${what}`];

const saidOf = ({ type, data }: ScheduleEvent): readonly string[] => {
  switch (type) {
    case 'OccurrencesSkipped': {
      const { count, from, to, reason } = data;
      return count === 1
        ? [`${shown(from)} skipped (${reason})`]
        : [`${count} from ${shown(from)} to ${shown(to)} skipped (${reason})`];
    }
    case 'OccurrenceMoved':
      return [`${shown(data.occurrenceAt)} moved to ${shown(data.dueAt)}`];
    case 'OccurrenceCancelled':
      return [`${shown(data.occurrenceAt)} cancelled`];
    case 'ScheduleTriggered':
      return [`a run of its own at ${shown(data.dueAt)}`];
    case 'OccurrencesBackfilled':
      return together(
        data.occurrences.map(({ occurrenceAt }) => shown(occurrenceAt)),
        `planned for ${shown(data.dueAt)}`,
      );
    case 'ScheduleCompleted':
      return ['no more'];
    default:
      return [];
  }
};

const plannedFor = ({ occurrenceAt, dueAt }: PlannedData): string =>
  fromTimestamp(dueAt) - fromTimestamp(occurrenceAt) < 1_000
    ? 'planned'
    : `planned for ${shown(dueAt)}`;

export const told = (events: readonly ScheduleEvent[]): readonly string[] => {
  const said: string[] = [];
  let alike: PlannedData[] = [];
  const flush = (): void => {
    const [first] = alike;
    if (first)
      said.push(
        ...together(
          alike.map((one) => shown(one.occurrenceAt)),
          plannedFor(first),
        ),
      );
    alike = [];
  };
  for (const event of events) {
    const planned = event.type === 'OccurrencePlanned' ? event.data : undefined;
    const [first] = alike;
    if (!planned || (first && plannedFor(first) !== plannedFor(planned))) flush();
    if (planned) alike.push(planned);
    else said.push(...saidOf(event));
  }
  flush();
  return said;
};
