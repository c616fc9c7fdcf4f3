import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { systemOf } from '../../commands/found-system';
import { closeEventStore, openEventStore } from '../../infra/eventstore/client';
import { eventStoreEventAt } from '../../infra/eventstore/event-at';
import { eventStoreLog } from '../../infra/eventstore/event-log';
import { readNewest } from '../../infra/eventstore/lossless-events';
import { eventStoreScan } from '../../infra/eventstore/log-scan';
import { forgetDueMessages } from '../../infra/nats/forget-messages';
import type { BrokerNames } from '../../infra/nats/names';
import { migrate } from '../../infra/postgres/migrate';
import { inSchema } from '../../infra/postgres/session-settings';
import { patientWriteSessions, tableSessions } from '../../infra/postgres/write-session';
import { migrations } from '../../projections/migrations/migrations';
import { readModel } from '../../projections/projections';
import { differenceText, isEqual } from '../../projections/replay/comparing/difference';
import { replay as replayReadModel, type Replayed } from '../../projections/replay/replay';
import { wholeFrom } from '../flag-values';
import { livenessOf, paceFlags, paceUsage, pacingFrom } from '../pace';
import { reportTo, type Report } from '../report';
import { goneAmong, type GoneJobs } from './gone';
import { serverFlags, serversFrom, serverUsage, type Servers } from '../servers';
import { exitCode, UsageError, type Verb } from '../verb';

const DEFAULT_SCHEMA = 'punctual_replay';
const APPLICATION_NAME = 'punctual-replay';
const DEFAULT_MAX_DIFFS = 100;
const MOST_DIFFS = 999_999;
/** With --dry-run or --to: the live tables are not what the log says. */
const FOUND_DIFFERENCES = 3;
/** …and they come of events that the log no longer has, all of them. */
const HISTORY_GONE = 4;

const usage = `usage: punctual replay [--projection NAME|all] [--dry-run] [--to SCHEMA] [--fresh] [--max-diffs N] [--json]

Builds the read models anew from the log in a schema beside the live one, while the system runs, compares the
two row by row at the same position of the log, and exchanges them in one transaction. Read tables that are
lost are put back. Sends no message and calls nobody. Run again after whatever ended it: it resumes.

  --projection NAME   which read model; all (the default) or ${readModel.name}, which writes ${Object.keys(readModel.tables).join(', ')}
  --dry-run           stop after the comparison and drop what was built
  --to SCHEMA         build and compare in this schema and leave it there; the live tables stay
                      (without --to: ${DEFAULT_SCHEMA}, dropped at the end)
  --fresh             drop what an earlier replay has left in the schema, and begin anew
  --max-diffs N       rows shown of each table that differs (default ${DEFAULT_MAX_DIFFS})
${paceUsage}
  --json              JSON lines instead of text
${serverUsage}

Exit codes: 0 the tables are rebuilt, or equal; 1 it failed, run it again; 2 wrong flags; 3 --dry-run or --to
found differences; 4 they did, and all are of jobs whose first events, or all of them, an administrator of the
event store has taken out of the log: the live rows are not wrong, and a rebuild does not have them.

A log that was restored from an older copy lacks what the live read model was made of. A replay then gives up what is
gone: the tables are those of the log, and the messages of the broker are thrown away and made again. A read model
of another system is left alone.
`;

/** Lower case, so that it reads the same with and without quotes, and short enough for what is put behind it. */
const SCHEMA_NAME = /^[a-z_][a-z0-9_]{0,50}$/;

const flags = {
  projection: { type: 'string', default: 'all' },
  'dry-run': { type: 'boolean', default: false },
  to: { type: 'string' },
  fresh: { type: 'boolean', default: false },
  'max-diffs': { type: 'string', default: String(DEFAULT_MAX_DIFFS) },
  json: { type: 'boolean', default: false },
  ...paceFlags,
  ...serverFlags,
} as const;

const parse = (args: readonly string[]) => parseArgs({ args: [...args], options: flags }).values;

const checked = (values: ReturnType<typeof parse>) => {
  const { projection, to, fresh } = values;
  const names = ['all', readModel.name];
  if (!names.includes(projection))
    throw new UsageError(`there is no read model ${projection}: give one of ${names.join(', ')}`);
  if (to !== undefined && !SCHEMA_NAME.test(to))
    throw new UsageError(`--to ${to} is no schema name of lower-case letters, digits and _`);
  return {
    schema: to ?? DEFAULT_SCHEMA,
    isDryRun: values['dry-run'],
    keepsShadow: to !== undefined,
    isFresh: fresh,
    maxDiffs: wholeFrom('max-diffs', values['max-diffs'], 0, MOST_DIFFS),
  };
};

type Flags = ReturnType<typeof checked>;

const tellGone = (report: Report, { streams }: GoneJobs, isSwapped: boolean): void => {
  for (const stream of streams) report.tell('gone', { stream }, `gone: the beginning of ${stream}`);
  if (streams.length === 0) return;
  const what = isSwapped ? 'are in no read model any more' : 'would be lost with a replay';
  report.tell(
    'gone-streams',
    { streams: streams.length },
    `of what differs, rows of ${streams.length} jobs cannot be rebuilt, for an administrator of the event store has truncated or deleted their streams: that is no fault of the live tables, and the rows ${what}`,
  );
};

const messagesText = ({ stream }: BrokerNames) => ({
  forgotten:
    'the messages of the broker were thrown away, for they may be of events that are gone; they are made again from the log',
  left: `the broker was not named or does not answer: delete its stream ${stream} before executors use it again (nats stream rm ${stream}), for its messages may be of events that are gone; it is filled again from the log`,
});

const tellResult = (
  report: Report,
  result: Replayed,
  { schema, keepsShadow }: Flags,
  names: BrokerNames,
): void => {
  const { events, position, comparedAt, differences, parked, isSwapped, unknownMark } = result;
  for (const difference of differences)
    report.tell('table', difference, differenceText(difference));
  for (const one of parked)
    report.tell(
      'parked',
      one,
      `parked: ${one.stream} from revision ${one.revision} on: ${one.error}`,
    );
  if (unknownMark)
    report.tell(
      'other-events',
      { position: unknownMark.position },
      `the live read model is of an event at position ${unknownMark.position} that the log does not have: the log was restored from an older copy, and what differs is what went with it`,
    );
  else if (comparedAt === undefined)
    report.tell(
      'not-comparable',
      {},
      'the live read model is lost or stands still behind the log: what differs is what it lacks',
    );
  if (result.messages !== 'kept')
    report.tell('messages', { messages: result.messages }, messagesText(names)[result.messages]);
  const where = isSwapped ? 'is live now' : keepsShadow ? `is in schema ${schema}` : 'was dropped';
  report.tell(
    'replayed',
    { events, position, comparedAt, isSwapped },
    `${events} events read; the rebuilt read model, at position ${position}, ${where}`,
  );
};

const forgetMessagesOf = async (
  { knownNats, names }: Servers,
  report: Report,
): Promise<boolean> => {
  const broker = knownNats();
  if (broker === undefined) return false;
  try {
    await forgetDueMessages(broker, names.broker);
    return true;
  } catch (error) {
    report.tell(
      'broker',
      {},
      `the broker: ${error instanceof Error ? error.message : String(error)}`,
    );
    return false;
  }
};

const run: Verb['run'] = async (args, context) => {
  const values = parse(args);
  const chosen = checked(values);
  const servers = await serversFrom(values, context);
  const { streams } = servers.names;
  const [eventstoreUrl, postgresUrl] = [servers.eventstoreUrl(), servers.postgresUrl()];
  const { schema, isDryRun, keepsShadow, isFresh, maxDiffs } = chosen;
  const report = reportTo(context, values.json);
  const liveness = livenessOf(postgresUrl);
  const pacing = pacingFrom(values, liveness);
  const client = openEventStore(eventstoreUrl);
  const shadowUrl = inSchema(postgresUrl, schema);
  try {
    const newest = (await readNewest(client))?.position.commit;
    const result = await replayReadModel(
      {
        readModel,
        openLive: tableSessions(postgresUrl, APPLICATION_NAME),
        openShadow: patientWriteSessions(shadowUrl, APPLICATION_NAME),
        migrateShadow: () => migrate(shadowUrl, migrations),
        shadow: schema,
        build: migrations.map(({ name }) => name).join(' '),
        scan: pacing.scan(eventStoreScan(client, streams)),
        eventAt: eventStoreEventAt(client),
        systemId: await systemOf(eventStoreLog(client, streams)),
        forgetMessages: () => forgetMessagesOf(servers, report),
        rowsRead: (count) => pacing.rows(count, context.signal),
        now: Date.now,
        pause: (milliseconds) => sleep(milliseconds),
        signal: context.signal,
        onProgress: (stage, events, position) => {
          const share =
            position === undefined || newest === undefined || newest === 0n
              ? undefined
              : Math.min(1, Number(position) / Number(newest));
          report.progress(stage, events, share);
        },
      },
      { isFresh, maxDiffs, keepsShadow, swaps: !isDryRun && !keepsShadow },
    );
    const gone = await goneAmong(result.differences, eventStoreLog(client, streams).read);
    tellResult(report, result, chosen, servers.names.broker);
    tellGone(report, gone, result.isSwapped);
    await closeEventStore(client);
    const differs = result.comparedAt === undefined || !result.differences.every(isEqual);
    if (result.isSwapped || !differs) return exitCode.done;
    return gone.explainsAll && result.comparedAt !== undefined ? HISTORY_GONE : FOUND_DIFFERENCES;
  } finally {
    report.end();
    await liveness.close();
  }
};

export const replay: Verb = {
  summary: 'rebuild the read models from the log while the system runs',
  usage,
  run,
};
