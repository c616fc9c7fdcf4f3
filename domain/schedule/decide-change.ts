import { accept, reject } from '../decider';
import { isSame } from '../json/same';
import type {
  ChangeSchedule,
  CreateSchedule,
  DeleteSchedule,
  PauseSchedule,
  ResumeSchedule,
  ScheduleRejection,
  StopSchedule,
} from './commands';
import { skipUntil } from './passed';
import type { ScheduleDecision } from './decision';
import { comeUntil, type KnownSchedule, type ScheduleState } from './state';

const withNote = (note: string | undefined): { readonly note?: string } =>
  note === undefined ? {} : { note };

/** Why a schedule is none that can be changed; undefined means go on. */
export const absence = (
  state: ScheduleState,
): Extract<ScheduleRejection, { code: 'schedule-not-found' | 'schedule-deleted' }> | undefined => {
  if (state.status === 'none') return { code: 'schedule-not-found' };
  return state.status === 'deleted' ? { code: 'schedule-deleted' } : undefined;
};

export const decideCreate = (
  { definition, offsetMs }: CreateSchedule,
  state: ScheduleState,
): ScheduleDecision =>
  state.status === 'none'
    ? accept({ type: 'ScheduleCreated', data: { ...definition, offsetMs } })
    : reject({ code: 'schedule-exists' });

/** What nobody has decided up to now, in a pause nobody did, gets its outcome before the rule goes. */
const skipped = (
  { at, calendar }: Pick<ChangeSchedule, 'at' | 'calendar'>,
  schedule: KnownSchedule,
  reason: 'changed' | 'deleted',
) => {
  const isPaused = schedule.status === 'paused';
  if (!calendar || !(isPaused || schedule.status === 'active')) return [];
  const until = comeUntil(schedule, at);
  return skipUntil(schedule, calendar, until, isPaused ? 'paused' : reason);
};

export const decideChange = (command: ChangeSchedule, state: ScheduleState): ScheduleDecision => {
  const absent = absence(state);
  if (absent || state.status === 'none') return reject(absent ?? { code: 'schedule-not-found' });
  const { definition, offsetMs } = command;
  if (isSame(definition, state.definition)) return accept();
  const isSameRule = isSame(definition.rule, state.definition.rule);
  const isGoingOn = isSameRule && state.status !== 'stopped';
  return accept(...(isGoingOn ? [] : skipped(command, state, 'changed')), {
    type: 'ScheduleChanged',
    data: { ...definition, offsetMs, withdraws: isGoingOn ? 'ahead' : 'unstarted' },
  });
};

export const decidePause = ({ note }: PauseSchedule, state: ScheduleState): ScheduleDecision => {
  const absent = absence(state);
  if (absent) return reject(absent);
  if (state.status === 'paused') return accept();
  return accept({ type: 'SchedulePaused', data: withNote(note) });
};

/** Goes on with what comes next: nothing of the pause runs, and the log says how much that was. */
export const decideResume = (
  { at, note, calendar }: ResumeSchedule,
  state: ScheduleState,
): ScheduleDecision => {
  const absent = absence(state);
  if (absent || state.status === 'none') return reject(absent ?? { code: 'schedule-not-found' });
  if (state.status !== 'paused') return accept();
  return accept(...skipUntil(state, calendar, comeUntil(state, at), 'paused'), {
    type: 'ScheduleResumed',
    data: withNote(note),
  });
};

export const decideDelete = (command: DeleteSchedule, state: ScheduleState): ScheduleDecision => {
  if (state.status === 'none') return reject({ code: 'schedule-not-found' });
  if (state.status === 'deleted') return accept();
  return accept(...skipped(command, state, 'deleted'), {
    type: 'ScheduleDeleted',
    data: withNote(command.note),
  });
};

export const decideStop = ({ problem }: StopSchedule, state: ScheduleState): ScheduleDecision => {
  if (state.status === 'none') return reject({ code: 'schedule-not-found' });
  return state.status === 'active'
    ? accept({ type: 'ScheduleStopped', data: { problem } })
    : accept();
};
