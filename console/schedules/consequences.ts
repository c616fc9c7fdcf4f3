import type { Preview, Schedule } from '../http/answers';
import type { ClockChange } from '../time/clock-change';
import { day, hourMinute, offsetMs, span, wallClock } from '../time/format';
import type { Policies } from './policies';

/** On whose clocks, and as from when, a rule is told of. */
export type Told = { readonly zone: string; readonly now: number };

/** A change of clocks, and what a rule has from there on. */
export type AtChange = { readonly change: ClockChange; readonly found: Preview };

const list = new Intl.ListFormat('en', { type: 'conjunction' });
/** Where there are more, the others are counted. */
const NAMED = 3;

const listed = (all: readonly string[]): string => {
  const texts = [...new Set(all)];
  if (texts.length <= NAMED) return list.format(texts);
  return list.format([...texts.slice(0, NAMED - 1), `${texts.length - NAMED + 1} more times`]);
};

/** What clocks show at it, `02:30`, of `2027-03-28T02:30:00+01:00`. */
const clockOf = ({ localTime }: { readonly localTime: string }): string =>
  wallClock(localTime.slice(11, 19));

/** The wall times that clocks leave out, or show twice, as ms of UTC. */
const wallsOf = ({ at, byMs }: ClockChange, zone: string): readonly [from: number, to: number] => {
  const after = at + offsetMs(at, zone);
  return byMs > 0 ? [after - byMs, after] : [after, after - byMs];
};

const dayText = (wall: number, now: number): string => day(wall, 'UTC', now);

const isIn = (localTime: string, [from, to]: readonly [number, number]): boolean => {
  const wall = Date.parse(`${localTime.slice(0, 19)}Z`);
  return wall >= from && wall < to;
};

/** The runs that a change of clocks has to do with. */
export const notedAt = ({ change, found }: AtChange): Preview['occurrences'] =>
  found.occurrences.filter(
    ({ dueAt, note }) =>
      note !== undefined && Date.parse(dueAt) < change.at + Math.abs(change.byMs),
  );

/** The times without a run because clocks leave them out: they have no offset. */
export const leftOutAt = ({ change, found }: AtChange, zone: string): Preview['skipped'] =>
  found.skipped.filter(
    ({ localTime }) => !/T.*[+-]/.test(localTime) && isIn(localTime, wallsOf(change, zone)),
  );

const meetsNone = (change: ClockChange, what: string, { zone, now }: Told): string => {
  const [from, to] = wallsOf(change, zone);
  const [begins, ends] = [from, to].map((wall) => hourMinute(wall, 'UTC'));
  return `This rule meets none in the coming year: clocks ${what} ${begins} to ${ends} on ${dayText(from, now)}.`;
};

/** What becomes of the runs whose time is left out when clocks go forward next. */
export const atGap = (around: AtChange, told: Told): string => {
  const { change } = around;
  const on = `On ${dayText(wallsOf(change, told.zone)[0], told.now)} it`;
  const left = leftOutAt(around, told.zone);
  if (left.length > 0)
    return `${on} does not run at ${listed(left.map(clockOf))}, for clocks leave that out.`;
  const moved = notedAt(around);
  if (moved.length === 0) return meetsNone(change, 'leave out', told);
  // it says which time it was: `clocks leave out 02:30:00 here`
  const times = moved.flatMap(({ note }) => /\d\d:\d\d:\d\d/.exec(note ?? '') ?? []);
  const missing =
    times.length === 0 ? 'also for a time' : `for ${listed(times.map((time) => wallClock(time)))}`;
  return `${on} runs at ${listed(moved.map(clockOf))}, ${missing} that clocks leave out.`;
};

/** How often the runs come whose time clocks show twice when they go back next. */
export const atOverlap = (around: AtChange, told: Told): string => {
  const { change } = around;
  const twice = notedAt(around);
  const [first] = twice;
  if (!first) return meetsNone(change, 'show twice', told);
  const apart = span(change.byMs);
  const on = `On ${dayText(wallsOf(change, told.zone)[0], told.now)} it runs at ${listed(twice.map(clockOf))}`;
  if (first.note?.endsWith('both times') === true) return `${on} both times, ${apart} apart.`;
  return Date.parse(first.dueAt) < change.at
    ? `${on} the first time, and not again ${apart} later.`
    : `${on} the second time, and not ${apart} before.`;
};

type Due = Pick<Preview['occurrences'][number], 'dueAt'>;

const whenOf = ({ dueAt }: Due, { zone, now }: Told): string => {
  const at = Date.parse(dueAt);
  return `${day(at, zone, now)}, ${hourMinute(at, zone)}`;
};

const MEETING: Readonly<Record<Policies['whenStillRunning'], string>> = {
  allow: 'both go on at once.',
  skip: 'that one is left out.',
  'buffer-one': 'that one waits for its end.',
  'cancel-other': 'it is asked to stop, and that one starts when it has.',
};

/** What becomes of two runs that meet, by the next two of the rule. */
export const whenMeeting = (
  policy: Policies['whenStillRunning'],
  [one, other]: readonly Due[],
  told: Told,
): string | undefined => {
  if (!one) return undefined;
  if (!other) return 'It runs once more, and meets no other run.';
  const apart = span(Date.parse(other.dueAt) - Date.parse(one.dueAt));
  return `If the run of ${whenOf(one, told)} takes more than ${apart}, the one of ${whenOf(other, told)} is due meanwhile: ${MEETING[policy]}`;
};

/** So many are missed in what is told of them. */
const MISSED = 3;

/** What becomes of runs that were missed, by the next three of the rule. */
export const whenMissing = (
  { policy, limit = MISSED }: NonNullable<Schedule['whenMissed']>,
  next: readonly Due[],
  told: Told,
): string | undefined => {
  const missed = next.slice(0, MISSED);
  const [first, last] = [missed[0], missed.at(-1)];
  if (!first || !last || first === last) return undefined;
  const run = Math.min(limit, missed.length);
  const which = {
    skip: `none of these ${missed.length} runs.`,
    'fire-once': `the one of ${whenOf(last, told)} runs then, and no other.`,
    'fire-all': `${run === missed.length ? `all ${run}` : `the newest ${run}`} run then, the oldest first.`,
  };
  return `If nothing runs from ${whenOf(first, told)} until after ${whenOf(last, told)}: ${which[policy]}`;
};

/** Of a rule that counts what elapses no clock decides. */
export const isElapsing = ({ every }: Schedule['timing']): boolean =>
  every?.includes('/PT') === true;
