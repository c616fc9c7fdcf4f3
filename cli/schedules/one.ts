import { onOne } from '../on-one';
import type { Verb } from '../verb';
import { scheduleText, type ScheduleAnswer } from './text';

const ofOne = onOne<ScheduleAnswer>({ what: 'schedule', plural: 'schedules', text: scheduleText });

const note = { note: 'why, for whoever looks later' };

/** What is asked of one schedule. */
export const onSchedule: Readonly<Record<string, Verb>> = {
  show: ofOne({
    verb: 'show',
    summary: 'show one, and when it runs next',
    about: 'Shows a schedule and its next five runs.',
    method: 'GET',
    path: '',
  }),
  pause: ofOne({
    verb: 'pause',
    summary: 'let it rest',
    about: 'Lets a schedule rest: runs that have not started are taken back.',
    method: 'POST',
    path: '/pause',
    flags: note,
  }),
  resume: ofOne({
    verb: 'resume',
    summary: 'let it go on with what comes next',
    about: 'Lets a schedule go on with what comes next: nothing of the pause runs.',
    method: 'POST',
    path: '/resume',
    flags: note,
  }),
  trigger: ofOne({
    verb: 'trigger',
    summary: 'run it now, beside its rule',
    about: 'Makes one run now, whatever the rule says.',
    method: 'POST',
    path: '/trigger',
    flags: note,
  }),
  backfill: ofOne({
    verb: 'backfill',
    summary: 'run what its rule has in a window of the past',
    about: 'Runs the occurrences of a window of the past now, oldest first.',
    method: 'POST',
    path: '/backfill',
    flags: { from: 'first time, RFC 3339, inclusive', to: 'last time, RFC 3339, inclusive' },
    needsFlags: true,
  }),
};
