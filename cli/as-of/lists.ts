import { systemClock } from '../../infra/clock';
import { filterFrom, momentFrom, type filterFlags } from '../flag-values';
import { serversFrom } from '../servers';
import { UsageError, type Context } from '../verb';
import { tellDeadLetters } from './dead-letters';
import { changesFrom, tellDifferences } from './differences';
import { limitFrom, momentOf, OPERATOR, type Given } from './given';
import { listPast } from './list';
import { listPastOperations, operationFilterFrom } from './operations';
import { listPastSchedules, scheduleFilterFrom } from './schedules';
import { listPastWebhooks } from './webhooks';

/** Flags of lists of jobs that no other list has. */
const OF_JOBS = ['tag', 'queue', 'schedule', 'error-code', 'from', 'to'] as const;

/** @throws UsageError */
const withoutFlags = (given: Given, flagsOfOthers: readonly (keyof typeof filterFlags)[]): void => {
  const other = flagsOfOthers.find((flag) => given[flag] !== undefined);
  if (other) throw new UsageError(`--${other} is for jobs: punctual as-of list`);
};

/** Lists, each by its name. */
export const lists: Readonly<Record<string, (given: Given, context: Context) => Promise<void>>> = {
  list: async (given, context) => {
    const asked = { asOf: momentOf(given), filter: filterFrom(given), ...limitFrom(given) };
    await listPast(await serversFrom(given, context), asked, context, given.json);
  },
  diff: async (given, context) => {
    const now = systemClock.now();
    const asked = {
      asOf: momentOf(given),
      other:
        given.with === undefined
          ? ({ kind: 'time', at: now } as const)
          : momentFrom(given.with, now),
      filter: filterFrom(given),
      ...changesFrom(given.change),
      ...limitFrom(given),
    };
    await tellDifferences(await serversFrom(given, context), asked, context, given.json);
  },
  schedules: async (given, context) => {
    withoutFlags(given, OF_JOBS);
    const asked = {
      ...{ asOf: momentOf(given), actor: OPERATOR, filter: scheduleFilterFrom(given) },
      ...limitFrom(given),
    };
    await listPastSchedules(await serversFrom(given, context), asked, context, given.json);
  },
  operations: async (given, context) => {
    withoutFlags(given, [...OF_JOBS, 'q']);
    const asked = {
      ...{ asOf: momentOf(given), actor: OPERATOR, filter: operationFilterFrom(given) },
      ...limitFrom(given),
    };
    await listPastOperations(await serversFrom(given, context), asked, context, given.json);
  },
  webhooks: async (given, context) => {
    withoutFlags(given, [...OF_JOBS, 'q', 'status']);
    const asked = {
      ...{ asOf: momentOf(given), actor: OPERATOR, ownerId: given.owner },
      ...limitFrom(given),
    };
    await listPastWebhooks(await serversFrom(given, context), asked, context, given.json);
  },
  'dead-letters': async (given, context) => {
    withoutFlags(given, [...OF_JOBS, 'q', 'status']);
    const { limit: maxCauses = Infinity } = limitFrom(given);
    const asked = { asOf: momentOf(given), ownerId: given.owner, maxCauses };
    await tellDeadLetters(await serversFrom(given, context), asked, context, given.json);
  },
};
