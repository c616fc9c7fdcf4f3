import type { JobHistory } from '../commands/job-history';
import type { JobCommands } from '../commands/job-commands';
import { AppendOutcomeUnknown, EventLogUnavailable } from '../commands/ports';
import type { Forecast } from '../projections/queries/forecast';
import type { JobQueries } from '../projections/queries/jobs';
import { QueryTimedOut } from './failures';

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

export const historyWithin =
  (deadlineMs: number, history: JobHistory): JobHistory =>
  (...asked) =>
    within(deadlineMs, history(...asked), () => new EventLogUnavailable('no answer in time'));

export const forecastWithin =
  (deadlineMs: number, forecast: Forecast): Forecast =>
  (query) =>
    within(deadlineMs, forecast(query), () => new QueryTimedOut(`no answer in ${deadlineMs} ms`));

export const queriesWithin = (
  deadlineMs: number,
  { one, list }: JobQueries,
): Pick<JobQueries, 'one' | 'list'> => {
  const inTime = <T>(call: Promise<T>): Promise<T> =>
    within(deadlineMs, call, () => new QueryTimedOut(`no answer in ${deadlineMs} ms`));
  return {
    one: (...asked) => inTime(one(...asked)),
    list: (...asked) => inTime(list(...asked)),
  };
};
