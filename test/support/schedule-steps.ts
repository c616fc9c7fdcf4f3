import { calendarsBy } from '../../domain/schedule/calendars';
import type { LastRun, ScheduleCommand } from '../../domain/schedule/commands';
import { isHeld } from '../../domain/schedule/decide-plan';
import type { Rule, ScheduleDefinition } from '../../domain/schedule/definition';
import { fromTimestamp, toTimestamp, type Instant } from '../../domain/time';
import { pinnedZones } from '../../infra/tzdata/pinned';
import { plans, shown, shownAt, together, told, type PlannedData } from './schedule-words';
import { at, created, jobIds, known, MINUTE, plannedAt, then, type Story } from './schedules';

/** What has happened so far, and what a reader is told of it. */
type Tale = {
  readonly story: Story;
  readonly now: Instant;
  readonly told: readonly string[];
};

const calendarOf = (rule: Rule, since: Instant) => {
  const made = calendarsBy(pinnedZones).of(rule, since);
  if ('problem' in made) throw new Error(made.problem);
  return made.calendar;
};
const calendarIn = (story: Story) =>
  calendarOf(known(story).definition.rule, known(story).ruleSince);

/** The runs that are to come and that a command takes back. */
const takenBack = (before: Story, after: Story, now: Instant): readonly string[] => {
  const left = new Set(known(after).ahead.map(({ jobId }) => jobId));
  return known(before)
    .ahead.filter(({ dueAt, jobId }) => dueAt > now && !left.has(jobId))
    .map(({ occurrenceAt }) => `${shownAt(occurrenceAt)} taken back`);
};

const looked = ({ story, told: before }: Tale, now: Instant, lastRun: LastRun = 'none'): Tale => {
  const after = plannedAt(story, toTimestamp(now).slice(0, 19), calendarIn(story), lastRun);
  const said = told(after.events.slice(story.events.length));
  return { story: after, now, told: [...before, ...said] };
};

/** Nothing ran meanwhile: what was planned starts late, or expires by what its job was told. */
const back = (tale: Tale, now: Instant): Tale => {
  const waiting = plans(tale.story.events).filter(({ dueAt }) => {
    const due = fromTimestamp(dueAt);
    return due > tale.now && due <= now;
  });
  const isLate = ({ dueAt, maxLatenessMs = Infinity }: PlannedData): boolean =>
    now - fromTimestamp(dueAt) > maxLatenessMs;
  const names = (all: readonly PlannedData[]) => all.map(({ occurrenceAt }) => shown(occurrenceAt));
  const said = [
    ...together(names(waiting.filter(isLate)), 'expired'),
    ...together(names(waiting.filter((one) => !isLate(one))), 'ran late'),
  ];
  const [last] = waiting.slice(-1);
  const isOver = last !== undefined && isLate(last);
  const lastRun = last === undefined ? 'none' : isOver ? 'none' : 'open';
  return looked({ ...tale, told: [...tale.told, ...said] }, now, lastRun);
};

/** Each run takes as long, unless it has to make way; the planner looks each minute. */
const busy = (tale: Tale, until: Instant, minutes: number): Tale => {
  const stopped = new Map<string, Instant>();
  const lastRunOf = ({ story }: Tale, now: Instant): LastRun => {
    const last = plans(story.events).at(-1);
    if (!last) return 'none';
    const endedAt = stopped.get(last.jobId) ?? fromTimestamp(last.dueAt) + minutes * MINUTE;
    return now >= endedAt ? { endedAt } : 'open';
  };
  let running = tale;
  for (let now = tale.now; now <= until; now += MINUTE) {
    const last = plans(running.story.events).at(-1);
    const schedule = known(running.story);
    if (
      last &&
      schedule.definition.whenStillRunning === 'cancel-other' &&
      lastRunOf(running, now) === 'open' &&
      isHeld(schedule, calendarIn(running.story), now)
    ) {
      stopped.set(last.jobId, now);
      const said = `${shown(last.occurrenceAt)} stopped at ${shownAt(now)}`;
      running = { ...running, told: [...running.told, said] };
    }
    running = looked(running, now, lastRunOf(running, now));
  }
  return running;
};

type Change = Partial<Pick<ScheduleDefinition, 'rule' | 'job'>>;

const commandOf = (story: Story, now: Instant, step: string): ScheduleCommand => {
  const calendar = calendarIn(story);
  const { definition, offsetMs } = known(story);
  const change = (more: Change): ScheduleCommand => ({
    ...{ type: 'ChangeSchedule', at: now, offsetMs, calendar },
    definition: { ...definition, ...more },
  });
  const [verb = '', first = '', , second = ''] = step.split(' ');
  const words = step.slice(verb.length + 1);
  switch (verb) {
    case 'paused':
      return { type: 'PauseSchedule', at: now };
    case 'resumed':
      return { type: 'ResumeSchedule', at: now, calendar };
    case 'deleted':
      return { type: 'DeleteSchedule', at: now, calendar };
    case 'triggered':
      return { type: 'TriggerSchedule', at: now, jobIds };
    case 'saved':
      return change({ rule: { ...definition.rule } });
    case 'payload':
      return change({ job: { ...definition.job, payload: words } });
    case 'timing':
      return change({ rule: { ...definition.rule, timing: { cron: words } } });
    case 'zone':
      return change({ rule: { ...definition.rule, timeZone: words } });
    case 'moved':
      return {
        ...{ type: 'MoveOccurrence', at: now, calendar, jobIds },
        ...{ occurrenceAt: at(first), dueAt: at(second) },
      };
    case 'cancelled':
      return { ...{ type: 'CancelOccurrence', at: now, calendar }, occurrenceAt: at(first) };
    case 'backfilled':
      return {
        ...{ type: 'BackfillSchedule', at: now, calendar, jobIds },
        ...{ from: at(first), to: at(second) },
      };
    default:
      throw new Error(`nothing that happens to a schedule: ${step}`);
  }
};

const stepped = (tale: Tale, when: string, step: string): Tale => {
  const now = at(when);
  if (step === 'planned') return looked(tale, now);
  if (step === 'back') return back(tale, now);
  const runMinutes = /^each run takes (\d+) min$/.exec(step)?.[1];
  if (runMinutes !== undefined) return busy(tale, now, Number(runMinutes));
  const story = then(tale.story, commandOf(tale.story, now, step));
  const said = told(story.events.slice(tale.story.events.length));
  const taken =
    step.startsWith('moved') || step.startsWith('cancelled')
      ? []
      : takenBack(tale.story, story, now);
  return looked({ story, now, told: [...tale.told, ...taken, ...said] }, now);
};

/**
 * What becomes of the occurrences of a schedule, told in the words of docs/schedules.md.
 *
 * @param steps  what happens, each with its time first and `made` the first of them: `10:04 made; 10:42 back`
 */
export const becomes = (
  cron: string,
  steps: string,
  chosen: Partial<ScheduleDefinition>,
  offsetMs: number,
): readonly string[] => {
  const [[when = ''] = [], ...others] = steps.split('; ').map((step) => {
    const [time = ''] = step.split(' ');
    return [time, step.slice(time.length + 1)];
  });
  const rule = { timing: { cron }, timeZone: 'UTC' };
  const story = created(when, { rule, ...chosen }, offsetMs);
  return others.reduce(
    (tale, [time = '', step = '']) => stepped(tale, time, step),
    looked({ story, now: at(when), told: [] }, at(when)),
  ).told;
};
