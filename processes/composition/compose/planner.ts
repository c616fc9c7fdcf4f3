import { jobCommands } from '../../../commands/job-commands';
import { calendarsBy } from '../../../domain/schedule/calendars';
import { systemClock } from '../../../infra/clock';
import { uuids } from '../../../infra/ids';
import { plannerProgress } from '../../../infra/postgres/planner-progress';
import { postgresTime } from '../../../infra/postgres/server-time';
import { keptCalendars } from '../../../infra/tzdata/kept-calendars';
import { pinnedZones } from '../../../infra/tzdata/pinned';
import { schedulePlanning } from '../../../projections/queries/schedules/planning';
import { unfinished } from '../../../projections/queries/schedules/unfinished';
import type { Process } from '../../runtime/process';
import { plannerMetrics } from '../../planning/metrics';
import { planner, tellsOfSchedules } from '../../planning/planner';
import type { Shared } from '../shared';
import { whileSameLog } from './while-same-log';

const draw = Math.random;

/** Of rules whose calendars the planner keeps: some 50,000 ordinary ones, of some ten kilobytes each. */
const PLANNED_RULE_CHARACTERS = 60_000_000;

export const composePlanner = (shared: Shared): Process => {
  const { config, logger, metrics, eventLog, database, onProjected } = shared;
  const recording = { log: eventLog(), clock: systemClock, ids: uuids };
  const told = plannerMetrics(metrics);
  const make = (): Process =>
    planner({
      ...recording,
      calendars: keptCalendars(calendarsBy(pinnedZones), PLANNED_RULE_CHARACTERS),
      jobs: jobCommands(recording),
      planning: schedulePlanning(database()),
      unfinished: unfinished(database()),
      progress: plannerProgress(database()),
      serverTime: postgresTime(database()),
      onSchedules: (onChange) => onProjected(onChange, tellsOfSchedules),
      draw,
      logger,
      metrics: told,
      vitals: shared.vitals('planner'),
      settings: { ownerPerSecond: config.PLANNED_PER_OWNER_PER_SECOND },
    });
  return whileSameLog(shared, 'planner', make);
};
