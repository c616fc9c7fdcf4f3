import type { Decider } from '../decider';
import type { JobCommand, JobDecision, JobRejection } from './commands';
import {
  decideClaim,
  decideLoss,
  decideLostGrant,
  decideReport,
  decideTimeOut,
} from './decide-attempt';
import {
  decideAbort,
  decideCancel,
  decideRedrive,
  decideRunNow,
  decideSchedule,
  moveTo,
} from './decide-change';
import {
  decideDispatch,
  decideExpire,
  decideFailDelivery,
  decideRedispatch,
} from './decide-dispatch';
import type { JobEvent, JobFact } from './events';
import { initial, type JobState } from './state';
import { evolve } from './evolve';

export const decide = (command: JobCommand, state: JobState): JobDecision => {
  const { at } = command;
  switch (command.type) {
    case 'ScheduleJob':
      return decideSchedule(command, state);
    case 'RescheduleJob':
      return moveTo(at, command.dueAt, command.reason, state);
    case 'RunJobNow':
      return decideRunNow(at, command.reason, state);
    case 'CancelJob':
      return decideCancel(at, command.reason, state);
    case 'AbortJob':
      return decideAbort(command.reason, state);
    case 'RedriveJob':
      return decideRedrive(at, state);
    case 'DispatchJob':
      return decideDispatch(command, state);
    case 'RedispatchJob':
      return decideRedispatch(command, state);
    case 'FailDelivery':
      return decideFailDelivery(command, state);
    case 'ExpireJob':
      return decideExpire(at, state);
    case 'ClaimJob':
      return decideClaim(command, state);
    case 'ReportAttempt':
      return decideReport(command, state);
    case 'TimeOutAttempt':
      return decideTimeOut(command, state);
    case 'LoseExecutor':
      return decideLoss(command, state);
    case 'LoseGrant':
      return decideLostGrant(command, state);
  }
};

export const job: Decider<JobState, JobCommand, JobEvent, JobFact, JobRejection> = {
  initial,
  decide,
  evolve,
};
