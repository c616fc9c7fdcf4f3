import type { Test } from 'supertest';
import type { Schedules } from '../../../api/routes/schedules/deps';
import { jobCommands } from '../../../commands/job-commands';
import { scheduleAsOf } from '../../../commands/schedules/schedule-as-of';
import { scheduleCommands } from '../../../commands/schedules/schedule-commands';
import { scheduleHistory } from '../../../commands/schedules/schedule-history';
import { calendarsBy } from '../../../domain/schedule/calendars';
import type { Clock } from '../../../domain/time';
import { uuids } from '../../../infra/ids';
import { memoryEventLog } from '../../../infra/memory/event-log';
import { pinnedZones } from '../../../infra/tzdata/pinned';
import { fakeSchedules } from './api-under-test';

/** Schedules whose commands and history are real, over a log in memory; no read model knows them, and nobody plans. */
export const schedulesInMemory = (clock: Clock, given: Partial<Schedules> = {}) => {
  const { log } = memoryEventLog();
  const deps = { log, clock, ids: uuids };
  const known = { find: () => Promise.resolve(undefined) };
  const calendars = calendarsBy(pinnedZones);
  const schedules = fakeSchedules({
    commands: scheduleCommands({ ...deps, known, calendars, jobs: jobCommands(deps) }),
    history: scheduleHistory(log, known),
    asOf: (...asked) => scheduleAsOf(log, ...asked, new AbortController().signal),
    ...{ known, calendars },
    ...given,
  });
  return { schedules, log };
};

/** A body that is right: tests break one thing of it. */
export const rightSchedule = {
  name: 'payroll',
  timing: { cron: '0 9 * * *' },
  timeZone: 'Europe/Berlin',
  job: { location: 'https://example.com/run' },
} as const;

type Method = 'get' | 'post' | 'put' | 'delete';

/** A request by the name of its method. */
export const asked = (
  agent: Readonly<Record<Method, (path: string) => Test>>,
  method: Method,
  path: string,
): Test => agent[method](path);
