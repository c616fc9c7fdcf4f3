import type { Calendar } from '../schedule/calendar';
import { toTimestamp, type Instant } from '../time';
import type { Single } from './single-occurrences';

/** The rule of a schedule, and what was decided of it, where an event finds it. */
export type Standing = {
  readonly calendar: Calendar;
  readonly singles: readonly Single[];
  readonly decidedUntil: Instant;
};

/** A promise that is broken, and how. */
export type Breach = { readonly name: string; readonly message: string };

const broken = (name: string, message: string): readonly Breach[] => [{ name, message }];

const isOfRule = ({ calendar }: Pick<Standing, 'calendar'>, at: Instant): boolean =>
  calendar.next(at - 1) === at;

const singleAt = ({ singles }: Standing, at: Instant): Single | undefined =>
  singles.find(({ occurrenceAt }) => occurrenceAt === at);

/** The first instant of the rule later than `after` that nobody moved or cancelled by itself. */
const nextOpen = (standing: Standing, after: Instant): Instant | undefined => {
  let at = standing.calendar.next(after);
  while (at !== undefined && singleAt(standing, at)) at = standing.calendar.next(at);
  return at;
};

/** How many such instants lie later than `after` and not later than `until`. */
const countOpen = (standing: Standing, after: Instant, until: Instant): number => {
  const alone = standing.singles.filter(
    ({ occurrenceAt }) =>
      occurrenceAt > after && occurrenceAt <= until && isOfRule(standing, occurrenceAt),
  );
  return standing.calendar.between(after, until, 0).count - alone.length;
};

/** Why an instant is none that a range may begin or end with; undefined when it may. */
const strange = (standing: Standing, at: Instant): string | undefined => {
  if (!isOfRule(standing, at)) return `${toTimestamp(at)} is no instant of the rule`;
  return singleAt(standing, at) && `${toTimestamp(at)} was moved or cancelled by itself`;
};

export type Range = { readonly first: Instant; readonly last: Instant; readonly count: number };

/** Holds what an event decides, one occurrence or a range of them, against the rule from where it was decided last. */
export const rangeBreaches = (
  standing: Standing,
  type: string,
  { first, last, count }: Range,
): readonly Breach[] => {
  if (first <= standing.decidedUntil) return []; // told by `occurrence-order`
  const why = strange(standing, first) ?? (last === first ? undefined : strange(standing, last));
  if (why !== undefined) return broken('occurrence-of-rule', `${type}: ${why}`);
  const left = countOpen(standing, standing.decidedUntil, first - 1);
  const inside = last === first ? 1 : countOpen(standing, first - 1, last);
  return [
    ...(left === 0 ? [] : broken('occurrence-sum', leftOut(standing, left, first - 1, type))),
    ...(inside === count
      ? []
      : broken(
          'occurrence-sum',
          `${type} tells of ${count} occurrences, and the rule has ${inside} from ${toTimestamp(first)} to ${toTimestamp(last)}`,
        )),
  ];
};

const leftOut = (standing: Standing, count: number, until: Instant, type: string): string => {
  const first = nextOpen(standing, standing.decidedUntil) ?? until;
  return `${count} occurrences from ${toTimestamp(first)} on are neither planned nor skipped before ${type}`;
};

/** All that has come by `until` has to be decided. */
export const undecidedBreaches = (
  standing: Standing,
  type: string,
  until: Instant,
): readonly Breach[] => {
  const first = nextOpen(standing, standing.decidedUntil);
  if (first === undefined || first > until) return [];
  const count = countOpen(standing, standing.decidedUntil, until);
  return broken('occurrence-sum', leftOut(standing, count, until, type));
};

/** The rule has to be at its end. */
export const endBreaches = (standing: Standing): readonly Breach[] => {
  const next = nextOpen(standing, standing.decidedUntil);
  return next === undefined
    ? []
    : broken('occurrence-sum', `ScheduleCompleted, and the rule has ${toTimestamp(next)}`);
};

/** Holds one occurrence that is moved or cancelled before it has a job against the rule. */
export const singleBreaches = (
  standing: Standing,
  type: string,
  occurrenceAt: Instant,
): readonly Breach[] => {
  const single = singleAt(standing, occurrenceAt);
  const isTakenBack = single !== undefined && !single.hasJob && single.dueAt !== undefined;
  if (isTakenBack) return [];
  if (single)
    return broken(
      'occurrence-order',
      `${type} of ${toTimestamp(occurrenceAt)}, which was decided by itself`,
    );
  if (occurrenceAt <= standing.decidedUntil)
    return broken(
      'occurrence-order',
      `${type} of ${toTimestamp(occurrenceAt)}, and all up to ${toTimestamp(standing.decidedUntil)} was decided`,
    );
  return isOfRule(standing, occurrenceAt)
    ? []
    : broken(
        'occurrence-of-rule',
        `${type}: ${toTimestamp(occurrenceAt)} is no instant of the rule`,
      );
};
