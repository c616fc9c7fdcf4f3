import type { Decider } from '../decider';
import type { ScheduleCommand, ScheduleRejection } from './commands';
import {
  decideChange,
  decideCreate,
  decideDelete,
  decidePause,
  decideResume,
  decideStop,
} from './decide-change';
import {
  decideBackfill,
  decideCancelOccurrence,
  decideMove,
  decideTrigger,
} from './decide-occurrence';
import { decidePlan } from './decide-plan';
import type { ScheduleDecision } from './decision';
import { scheduleKindOf, type ScheduleEvent, type ScheduleFact } from './events';
import { initial, type ScheduleState } from './state';

const decide = (command: ScheduleCommand, state: ScheduleState): ScheduleDecision => {
  switch (command.type) {
    case 'CreateSchedule':
      return decideCreate(command, state);
    case 'ChangeSchedule':
      return decideChange(command, state);
    case 'PauseSchedule':
      return decidePause(command, state);
    case 'ResumeSchedule':
      return decideResume(command, state);
    case 'DeleteSchedule':
      return decideDelete(command, state);
    case 'TriggerSchedule':
      return decideTrigger(command, state);
    case 'BackfillSchedule':
      return decideBackfill(command, state);
    case 'MoveOccurrence':
      return decideMove(command, state);
    case 'CancelOccurrence':
      return decideCancelOccurrence(command, state);
    case 'PlanOccurrences':
      return decidePlan(command, state);
    case 'StopSchedule':
      return decideStop(command, state);
  }
};

/** The schedule after one more fact. @throws Error for a fact that no decision could have recorded */
const evolve = (state: ScheduleState, fact: ScheduleFact): ScheduleState =>
  scheduleKindOf(fact.type).evolve(state, fact);

export const schedule: Decider<
  ScheduleState,
  ScheduleCommand,
  ScheduleEvent,
  ScheduleFact,
  ScheduleRejection
> = { initial, decide, evolve };
