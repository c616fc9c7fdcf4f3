import type { HeldBackOf, JobHistory } from '../../commands/job-history';
import type { JobCommands } from '../../commands/job-commands';
import { AppendOutcomeUnknown, EventLogUnavailable } from '../../domain/event-log';
import type { Forecast } from '../../projections/queries/forecast';
import type { JobPage, JobQueries } from '../../projections/queries/jobs';
import type { PastJobs, PastListRequest } from '../../projections/queries/past/jobs-as-of';
import { PastTimedOut, QueryTimedOut } from './failures';
import type { QueuesDeps, SharesDeps } from '../routes/shares';

/** The call's own result, or the error when that takes longer than `deadlineMs`. */
const within = <T>(deadlineMs: number, call: Promise<T>, error: () => Error): Promise<T> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(error()), deadlineMs);
    const settled = (): void => clearTimeout(timer);
    call.then(resolve, reject).finally(settled).catch(reject);
  });

/** Commands that answer in time: what takes longer may or may not come to be. */
export const commandsWithin = (deadlineMs: number, commands: JobCommands): JobCommands => {
  const inTime = <T>(call: Promise<T>): Promise<T> =>
    within(deadlineMs, call, () => new AppendOutcomeUnknown(`no answer in ${deadlineMs} ms`));
  return {
    schedule: (...asked) => inTime(commands.schedule(...asked)),
    scheduledBefore: (...asked) =>
      within(
        deadlineMs,
        commands.scheduledBefore(...asked),
        () => new EventLogUnavailable(`no answer in ${deadlineMs} ms`),
      ),
    reschedule: (...asked) => inTime(commands.reschedule(...asked)),
    cancel: (...asked) => inTime(commands.cancel(...asked)),
    runNow: (...asked) => inTime(commands.runNow(...asked)),
    abort: (...asked) => inTime(commands.abort(...asked)),
    redrive: (...asked) => inTime(commands.redrive(...asked)),
  };
};

/** What holds a job back, for its story; the log alone tells it when the read model is slow. */
export const heldBackWithin =
  (deadlineMs: number, heldBackOf: HeldBackOf): HeldBackOf =>
  (...asked) =>
    within(deadlineMs, heldBackOf(...asked), () => new QueryTimedOut('no answer in time'));

export const historyWithin = (
  deadlineMs: number,
  { events, state, stateAsOf, story }: JobHistory,
): JobHistory => {
  const inTime = <T>(call: Promise<T>): Promise<T> =>
    within(deadlineMs, call, () => new EventLogUnavailable('no answer in time'));
  return {
    events: (...asked) => inTime(events(...asked)),
    state: (...asked) => inTime(state(...asked)),
    stateAsOf: (...asked) => inTime(stateAsOf(...asked)),
    story: (...asked) => inTime(story(...asked)),
  };
};

/** Lists of the past; what is late is given up, so that nobody's scan goes on for an answer that is gone. */
export const pastWithin =
  (deadlineMs: number, { list }: PastJobs) =>
  async (request: Omit<PastListRequest, 'signal'>): Promise<JobPage> => {
    const ending = new AbortController();
    const late = (): Error => {
      const error = new PastTimedOut(`not folded in ${deadlineMs} ms`);
      ending.abort(error);
      return error;
    };
    return await within(deadlineMs, list({ ...request, signal: ending.signal }), late);
  };

export const sharesWithin = (deadlineMs: number, { current, set }: SharesDeps): SharesDeps => ({
  current: () => within(deadlineMs, current(), () => new EventLogUnavailable('no answer in time')),
  set: (...asked) =>
    within(
      deadlineMs,
      set(...asked),
      () => new AppendOutcomeUnknown(`no answer in ${deadlineMs} ms`),
    ),
});

export const queuesWithin = (deadlineMs: number, { states, limits }: QueuesDeps): QueuesDeps => ({
  limits: () => within(deadlineMs, limits(), () => new EventLogUnavailable('no answer in time')),
  states: {
    list: (limit) =>
      within(
        deadlineMs,
        states.list(limit),
        () => new QueryTimedOut(`no answer in ${deadlineMs} ms`),
      ),
  },
});

export const forecastWithin =
  (deadlineMs: number, forecast: Forecast): Forecast =>
  (query) =>
    within(deadlineMs, forecast(query), () => new QueryTimedOut(`no answer in ${deadlineMs} ms`));

export const queriesWithin = (
  deadlineMs: number,
  { one, list, countPending }: JobQueries,
): JobQueries => {
  const inTime = <T>(call: Promise<T>): Promise<T> =>
    within(deadlineMs, call, () => new QueryTimedOut(`no answer in ${deadlineMs} ms`));
  return {
    one: (...asked) => inTime(one(...asked)),
    list: (...asked) => inTime(list(...asked)),
    countPending: (...asked) => inTime(countPending(...asked)),
  };
};
