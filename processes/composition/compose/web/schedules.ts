import { loopShare } from '../../../../api/access/loop-share';
import type { Schedules } from '../../../../api/routes/schedules/deps';
import type { JobCommands } from '../../../../commands/job-commands';
import {
  pastScheduleList,
  type PastScheduleListDeps,
} from '../../../../commands/schedules/past-list';
import { scheduleAsOf } from '../../../../commands/schedules/schedule-as-of';
import { scheduleCommands } from '../../../../commands/schedules/schedule-commands';
import { scheduleHistory } from '../../../../commands/schedules/schedule-history';
import type { EventLog } from '../../../../domain/event-log';
import { calendarsBy } from '../../../../domain/schedule/calendars';
import { systemClock } from '../../../../infra/clock';
import { uuids } from '../../../../infra/ids';
import { keptCalendars } from '../../../../infra/tzdata/kept-calendars';
import { pinnedZones } from '../../../../infra/tzdata/pinned';
import { pastSnapshots } from '../../../../projections/queries/past/past-snapshots';
import { knownSchedules } from '../../../../projections/queries/schedules/known-schedules';
import { scheduleList } from '../../../../projections/queries/schedules/list';
import { scheduleOccurrences } from '../../../../projections/queries/schedules/occurrences';
import type { Shared } from '../../shared';

/** Less than a request has: who asks is told. */
const AS_OF_WITHIN_MS = 8_000;
/** Of rules whose calendars are kept: some 16,000 ordinary ones. */
const KEPT_RULE_CHARACTERS = 20_000_000;

/** What the API needs of schedules. */
export const schedulesOf = (
  { database }: Shared,
  eventLog: EventLog,
  jobs: JobCommands,
): Schedules => {
  const db = database();
  const known = knownSchedules(db);
  const calendars = keptCalendars(calendarsBy(pinnedZones), KEPT_RULE_CHARACTERS);
  const { made, list, countLiving } = scheduleList(db);
  const asOf: PastScheduleListDeps['asOf'] = (scheduleId, ...asked) =>
    scheduleAsOf(
      eventLog,
      scheduleId,
      ...asked,
      async () => (await known.find(scheduleId))?.definition.ownerId,
    );
  return {
    commands: scheduleCommands({
      ...{ log: eventLog, clock: systemClock, ids: uuids, known, calendars, jobs },
    }),
    history: scheduleHistory(eventLog, known),
    asOf: (scheduleId, ...asked) =>
      asOf(scheduleId, ...asked, AbortSignal.timeout(AS_OF_WITHIN_MS)),
    pastList: pastScheduleList({ made, asOf, havingPart: pastSnapshots(db).havingPart }),
    ...{ list, countLiving, known, calendars, zones: pinnedZones },
    occurrences: scheduleOccurrences(db),
    share: loopShare(),
  };
};
