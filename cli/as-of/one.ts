import { jobHistory } from '../../commands/job-history';
import { scheduleAsOf } from '../../commands/schedules/schedule-as-of';
import type { EventLog } from '../../domain/event-log';
import { scheduleViewOf } from '../../domain/schedule/view';
import { systemClock } from '../../infra/clock';
import { closeEventStore, openEventStore } from '../../infra/eventstore/client';
import { eventStoreLog } from '../../infra/eventstore/event-log';
import { idFrom, type Named } from '../flag-values';
import { reportTo } from '../report';
import { serversFrom } from '../servers';
import { exitCode, type Context } from '../verb';
import { limitFrom, momentOf, OPERATOR, type Given } from './given';
import { tellItems, tellOperation } from './operations';
import type { Tell } from './telling';
import { fieldsText, historyText } from './texts';
import { tellWebhook } from './webhooks';

const NOT_THERE = 4;

const withLog = async <T>(
  given: Given,
  context: Context,
  work: (log: EventLog) => Promise<T>,
): Promise<T> => {
  const servers = await serversFrom(given, context);
  const client = openEventStore(servers.eventstoreUrl());
  try {
    return await work(eventStoreLog(client, servers.names.streams));
  } finally {
    await closeEventStore(client);
  }
};

const tellJob: Tell = async (log, { id, actor, asOf, report }) => {
  const job = await jobHistory(log, systemClock).stateAsOf(id, actor, asOf);
  if (job) report.tell('job', job, fieldsText(job));
  return job !== undefined;
};

const tellHistory: Tell = async (log, { id, actor, asOf, report }) => {
  const events = await jobHistory(log, systemClock).events(id, actor, asOf);
  for (const event of events ?? []) report.tell('event', event, historyText([event]));
  return events !== undefined;
};

const tellSchedule: Tell = async (log, { id, actor, asOf, report, signal }) => {
  const past = await scheduleAsOf(log, id, actor, asOf, signal);
  if (past.outcome === 'too-long') throw new Error('it was stopped before the end of the stream');
  if (past.outcome === 'none') return false;
  const schedule = scheduleViewOf(id, past.known);
  report.tell('schedule', schedule, fieldsText(schedule));
  return true;
};

/** What is told of one thing, from the log alone. */
export const ones: Readonly<Record<string, readonly [what: Named, tell: Tell]>> = {
  job: ['job', tellJob],
  history: ['job', tellHistory],
  schedule: ['schedule', tellSchedule],
  operation: ['operation', tellOperation],
  items: ['operation', tellItems],
  webhook: ['webhook', tellWebhook],
};

/** @returns the exit code */
export const tellOne = async (
  [what, tell]: readonly [Named, Tell],
  given: Given,
  ids: readonly string[],
  context: Context,
): Promise<number> => {
  const id = idFrom(what, ids);
  const telling = {
    ...{ id, actor: OPERATOR, asOf: momentOf(given), ...limitFrom(given) },
    ...{ report: reportTo(context, given.json), signal: context.signal },
  };
  const isKnown = await withLog(given, context, (log) => tell(log, telling));
  if (isKnown) return exitCode.done;
  context.stderr.write(`punctual as-of: there was no ${what} ${id} at ${given.at}\n`);
  return NOT_THERE;
};
