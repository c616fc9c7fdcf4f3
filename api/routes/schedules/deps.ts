import type { JobHistory } from '../../../commands/job-history';
import type { ScheduleCommands } from '../../../commands/schedules/schedule-commands';
import type {
  PastScheduleListRequest,
  PastSchedulePage,
} from '../../../commands/schedules/past-list';
import type { PastSchedule } from '../../../commands/schedules/schedule-as-of';
import type { ScheduleHistory } from '../../../commands/schedules/schedule-history';
import type { AsOf } from '../../../domain/audit/as-of';
import type { Actor } from '../../../domain/events/metadata';
import type { Timetables } from '../../../domain/schedule/calendars';
import type { KnownSchedules } from '../../../domain/schedule/known-schedules';
import type { ZoneTables } from '../../../domain/schedule/timing/calendar/zone';
import type { Clock } from '../../../domain/time';
import type { ScheduleList } from '../../../projections/queries/schedules/list';
import type { ScheduleOccurrences } from '../../../projections/queries/schedules/listed-occurrence';
import type { CountPlannedRuns } from '../../../projections/queries/schedules/planned-runs';
import type { LocationRules, QueuesOf } from '../../access/limits';
import type { LoopShare } from '../../access/loop-share';
import type { OwnerQuota } from '../../access/owner-quota';
import type { StreamReads } from '../../access/stream-reads';
import type { Cursors } from '../../http/cursor';
import type { QueryFreshness } from '../../http/staleness';

/** What the program composes of schedules. */
export type Schedules = {
  readonly commands: ScheduleCommands;
  readonly history: ScheduleHistory;
  /** From the log, until it takes too long. */
  readonly asOf: (scheduleId: string, actor: Actor, asOf: AsOf) => Promise<PastSchedule>;
  /** By the read model. */
  readonly known: KnownSchedules;
  readonly list: ScheduleList['list'];
  /** A list as it stood then: who was made when by the read model, all else from the log. */
  readonly pastList: (request: PastScheduleListRequest) => Promise<PastSchedulePage>;
  readonly countLiving: ScheduleList['countLiving'];
  readonly occurrences: ScheduleOccurrences;
  readonly plannedRuns: CountPlannedRuns;
  readonly calendars: Timetables;
  readonly zones: ZoneTables;
  /** For the reading of rules. */
  readonly share: LoopShare;
};

export type SchedulesDeps = Omit<Schedules, 'countLiving'> & {
  readonly quota: OwnerQuota | undefined;
  readonly rules: LocationRules;
  readonly queuesOf: QueuesOf;
  readonly freshness: QueryFreshness;
  readonly cursors: Cursors;
  readonly streamReads: StreamReads;
  /** Of runs of the past. */
  readonly jobHistory: Pick<JobHistory, 'stateAsOf'>;
  readonly clock: Clock;
};
