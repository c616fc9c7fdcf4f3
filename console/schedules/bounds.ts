import type { Schedule } from '../http/answers';
import { fromField, toField } from '../time/zones';

type Bounded = Pick<
  Schedule,
  'startAt' | 'endAt' | 'maxCount' | 'exclude' | 'monthEnd' | 'spreadMs'
>;

/** What narrows a rule, as its fields have it; empty where it is not narrowed. */
export type Bounds = {
  /** On the clocks of the schedule. */
  readonly start: string;
  readonly end: string;
  readonly runs: string;
  /** Days, one a line. */
  readonly exclude: string;
  readonly monthEnd: 'auto' | 'skip' | 'last';
  readonly spreadMinutes: string;
};

export const MONTH_END = [
  {
    value: 'auto',
    label: 'As fits',
    hint: 'Cron and calendar rules leave such a month out, steps take its last day.',
  },
  { value: 'skip', label: 'Leave it out', hint: 'It does not run in a month without that day.' },
  { value: 'last', label: 'Its last day', hint: 'It runs on the last day of a shorter month.' },
] as const;

export const noBounds: Bounds = {
  start: '',
  end: '',
  runs: '',
  exclude: '',
  monthEnd: 'auto',
  spreadMinutes: '',
};

const MINUTE_MS = 60_000;

const fieldOf = (at: string | null | undefined, zone: string): string =>
  at === undefined || at === null ? '' : toField(Date.parse(at), zone);

/** Those of a schedule that there is. */
export const boundsOf = (schedule: Bounded & Pick<Schedule, 'timeZone'>): Bounds => {
  const { startAt, endAt, maxCount, exclude, monthEnd, spreadMs, timeZone } = schedule;
  return {
    start: fieldOf(startAt, timeZone),
    end: fieldOf(endAt, timeZone),
    runs: maxCount === undefined || maxCount === null ? '' : String(maxCount),
    exclude: (exclude ?? []).join('\n'),
    monthEnd: monthEnd ?? 'auto',
    spreadMinutes: spreadMs === undefined || spreadMs === 0 ? '' : String(spreadMs / MINUTE_MS),
  };
};

const instantIn = (text: string, zone: string): string | undefined => {
  const at = text === '' ? undefined : fromField(text, zone);
  return at === undefined ? undefined : new Date(at).toISOString();
};

/** What is wrong with a time; undefined where there is none, or nothing wrong. */
export const timeProblem = (text: string, zone: string): string | undefined =>
  text === '' || fromField(text, zone) !== undefined
    ? undefined
    : `Clocks of ${zone} do not show such a time.`;

const daysIn = (text: string): string[] => text.split(/[\s,;]+/).filter(Boolean);

/**
 * As the API takes them.
 *
 * @param kept  a schedule: what was not changed is sent as it is there, to the millisecond
 */
export const boundedBy = (
  bounds: Bounds,
  zone: string,
  kept?: Bounded & Pick<Schedule, 'timeZone'>,
): Bounded => {
  const before = kept?.timeZone === zone ? boundsOf(kept) : undefined;
  const startAt = before?.start === bounds.start ? kept?.startAt : instantIn(bounds.start, zone);
  const endAt = before?.end === bounds.end ? kept?.endAt : instantIn(bounds.end, zone);
  const days = daysIn(bounds.exclude);
  const exclude = before?.exclude === bounds.exclude ? kept?.exclude : days;
  return {
    ...(startAt !== undefined && startAt !== null && { startAt }),
    ...(endAt !== undefined && endAt !== null && { endAt }),
    ...(bounds.runs !== '' && { maxCount: Number(bounds.runs) }),
    ...(exclude && (exclude === kept?.exclude || exclude.length > 0) && { exclude }),
    ...(bounds.monthEnd !== 'auto' && { monthEnd: bounds.monthEnd }),
    ...(bounds.spreadMinutes !== '' && {
      spreadMs: Math.round(Number(bounds.spreadMinutes) * MINUTE_MS),
    }),
  };
};
