import { randomUUID } from 'node:crypto';
import { jobCommands } from '../../commands/job-commands';
import { calendarsBy } from '../../domain/schedule/calendars';
import { systemClock } from '../../infra/clock';
import { closeEventStore, openEventStore } from '../../infra/eventstore/client';
import { eventStoreEventAt } from '../../infra/eventstore/event-at';
import { eventStoreFeed } from '../../infra/eventstore/feed';
import { eventStoreScan } from '../../infra/eventstore/log-scan';
import { eventStoreSeals } from '../../infra/eventstore/seals';
import { uuids } from '../../infra/ids';
import { dueQueue } from '../../infra/nats/due-queue';
import { queueDepths } from '../../infra/nats/queue-depths';
import { exclusively } from '../../infra/postgres/advisory-lock';
import { executorBeats } from '../../infra/postgres/executor-beats';
import { heldBack } from '../../infra/postgres/held-back';
import { plannerProgress } from '../../infra/postgres/planner-progress';
import { postgresTime } from '../../infra/postgres/server-time';
import { seenTimeStore } from '../../infra/postgres/seen-time';
import { shardLeases } from '../../infra/postgres/shard-leases';
import { writeSessions } from '../../infra/postgres/write-session';
import { processorIdle } from '../../infra/processor';
import { sha256 } from '../../infra/sha256';
import { keptCalendars } from '../../infra/tzdata/kept-calendars';
import { pinnedZones } from '../../infra/tzdata/pinned';
import { snapshotStore } from '../../projections/snapshots/job-snapshots';
import { brake, politePace } from '../../projections/reading/pace';
import { paced } from '../../projections/reading/paced-scan';
import { openOperations } from '../../projections/queries/operations/open';
import { operationSelection } from '../../projections/queries/operations/selection';
import { dueJobs } from '../../projections/queries/dispatching/due-jobs';
import { countLiveJobs } from '../../projections/queries/dispatching/live-jobs';
import { countUnstartedJobs } from '../../projections/queries/dispatching/unstarted-jobs';
import { liveActivity } from '../../projections/queries/operating/live-activity';
import { executorRuns } from '../../projections/queries/rescuing/executor-runs';
import { queuedJobs } from '../../projections/queries/rescuing/queued-jobs';
import { unfinishedJobs } from '../../projections/queries/rescuing/unfinished-jobs';
import { unservedQueues } from '../../projections/queries/rescuing/unserved-queues';
import { schedulePlanning } from '../../projections/queries/schedules/planning';
import { unfinished } from '../../projections/queries/schedules/unfinished';
import { readModel } from '../../projections/projections';
import { archivistMetrics } from '../archiving/metrics';
import { archivist } from '../archiving/archivist';
import { jobSnapshots } from '../archiving/job-snapshots';
import { logSealer } from '../archiving/sealer';
import { bulkChanger, tellsOfOperations } from '../bulk-changing/bulk-changer';
import { bulkChangerMetrics } from '../bulk-changing/metrics';
import { composeNotifier } from './compose-notifier';
import { composeWeb } from './compose-web';
import type { ProcessName } from '../settings/process-names';
import { dispatcher } from '../dispatching/dispatcher';
import { dueHintOf } from '../dispatching/due-hint';
import { defaultLimitsOf, shareLimits } from '../dispatching/shares/share-limits';
import { executorMetrics } from '../executing/metrics';
import { executor } from '../executing/executor';
import { gatewayMetrics } from '../gateway/metrics';
import { executorGateway } from '../gateway/executor-gateway';
import { linesTogether, printHandler } from '../executing/handlers/print';
import { webhookHandler } from '../executing/handlers/webhook';
import { logSealKeyFile, readLogSealKey } from './log-seal-key';
import type { Process } from '../runtime/process';
import { plannerMetrics } from '../planning/metrics';
import { planner, tellsOfSchedules } from '../planning/planner';
import { projectorMetrics } from '../projecting/metrics';
import { projector } from '../projecting/projector';
import { dispatcherMetrics, queueWatchMetrics } from '../dispatching/metrics';
import { queueWatch } from '../dispatching/queue-watch';
import { rescuerMetrics } from '../rescuing/metrics';
import { rescuer } from '../rescuing/rescuer';
import { onSameLog } from '../starting/same-log';
import type { Shared } from './shared';
import { systemTimers } from '../runtime/timers';

const draw = Math.random;

/** Of rules whose calendars the planner keeps: some 50,000 ordinary ones, of some ten kilobytes each. */
const PLANNED_RULE_CHARACTERS = 60_000_000;

const composeProjector = ({
  config,
  names,
  logger,
  metrics,
  own,
  eventLog,
  eventAt,
  vitals,
}: Shared): Process => {
  // a subscription of its own: a long catch-up must not hold back the answers to appends
  const client = own(openEventStore(config.EVENTSTORE_URL), closeEventStore);
  return projector({
    projection: readModel,
    feed: eventStoreFeed(client, names.streams),
    eventLog: eventLog(),
    eventAt: eventAt(),
    openSession: writeSessions(config.POSTGRES_URL),
    clock: systemClock,
    draw,
    logger,
    metrics: projectorMetrics(metrics),
    vitals: vitals('projector'),
  });
};

/** What acts on dispatches that the log does not have would do what nobody asked for. */
const whileSameLog = (
  { otherEvents, vitals }: Shared,
  name: ProcessName,
  make: () => Process,
): Process => onSameLog({ name, make, look: otherEvents, vitals: vitals(name) });

const composeDispatcher = async (shared: Shared): Promise<Process> => {
  const { config, names, logger, metrics, attempts, eventLog, database, projected, nats } = shared;
  const told = dispatcherMetrics(metrics);
  const { broker, messages } = await nats();
  const make = (): Process =>
    dispatcher({
      holder: `dispatcher-${randomUUID()}`,
      commands: attempts(),
      dueJobs: dueJobs(database()),
      leases: shardLeases(database()),
      messages,
      depths: queueDepths(broker.connection, names.broker),
      limits: shareLimits({ events: eventLog(), defaults: defaultLimitsOf(config), draw, logger }),
      countUnstarted: (flows) => countUnstartedJobs(database(), flows),
      countLive: () => countLiveJobs(database()),
      heldBack: heldBack(database()),
      listenForHints: ({ onHint, onConnect }) => {
        const unsubscribe = projected().subscribe({
          onMessage: (payload) => {
            const hint = dueHintOf(payload);
            if (hint) onHint(hint);
          },
          onConnect,
        });
        return Promise.resolve(() => Promise.resolve(unsubscribe()));
      },
      clock: systemClock,
      draw,
      logger,
      metrics: told,
      vitals: shared.vitals('dispatcher'),
    });
  return whileSameLog(shared, 'dispatcher', make);
};

const composeGateway = async (shared: Shared): Promise<Process> => {
  const { names, logger, metrics, attempts, database, nats } = shared;
  const { requests } = await nats();
  const told = gatewayMetrics(metrics);
  const make = (): Process =>
    executorGateway({
      gatewayId: randomUUID(),
      commands: attempts(),
      requests,
      subjects: names.broker.executor,
      beats: executorBeats(database()),
      runs: executorRuns(database()),
      draw,
      logger,
      metrics: told,
      vitals: shared.vitals('executor-gateway'),
    });
  return whileSameLog(shared, 'executor-gateway', make);
};

const composeExecutor = async ({
  config,
  names,
  logger,
  metrics,
  nats,
  vitals,
}: Shared): Promise<Process> => {
  const { broker, requests, ensureStream } = await nats();
  const { WEBHOOK_SECRET, ALLOW_PRIVATE_TARGETS, EXECUTOR_QUEUE, EXECUTOR_CONCURRENCY } = config;
  const webhook =
    WEBHOOK_SECRET === undefined
      ? undefined
      : webhookHandler({ secret: WEBHOOK_SECRET, allowPrivateTargets: ALLOW_PRIVATE_TARGETS });
  return executor({
    queueName: EXECUTOR_QUEUE,
    queue: dueQueue({ broker, names: names.broker, queue: EXECUTOR_QUEUE, ensureStream }),
    ask: requests.ask,
    subjects: names.broker.executor,
    maxMessageBytes: requests.maxMessageBytes,
    handlers: {
      print: printHandler(
        linesTogether((text) => {
          process.stdout.write(text);
        }),
      ),
      ...(webhook && { https: webhook, http: webhook }),
    },
    idPrefix: 'reference',
    draw,
    logger,
    metrics: executorMetrics(metrics),
    vitals: vitals('executor'),
    settings: { concurrency: EXECUTOR_CONCURRENCY, heartbeatEveryMs: config.HEARTBEAT_MS },
  });
};

const composeRescuer = async (shared: Shared): Promise<Process> => {
  const { config, logger, metrics, attempts, database, nats } = shared;
  const options = { url: config.POSTGRES_URL, applicationName: 'punctual-rescuer' };
  const watch = queueWatch({
    queues: unservedQueues(database()),
    exclusively: exclusively(options, 'queue-watch'),
    draw,
    logger,
    metrics: queueWatchMetrics(metrics),
    settings: { unservedMs: config.UNSERVED_QUEUE_MS },
  });
  const { messages, stock } = await nats();
  const told = rescuerMetrics(metrics);
  const make = (): Process =>
    rescuer({
      commands: attempts(),
      messages,
      stock,
      unfinished: unfinishedJobs(database()),
      queued: queuedJobs(database()),
      seenTime: seenTimeStore(database()),
      exclusively: exclusively(options, 'rescuer'),
      clock: systemClock,
      draw,
      logger,
      metrics: told,
      vitals: shared.vitals('rescuer'),
      settings: {
        everyMs: config.RESCUE_PERIOD_MS,
        startTimeoutMs: config.START_TIMEOUT_MS,
        silentMs: config.EXECUTOR_SILENT_MS,
      },
    });
  const rescue = whileSameLog(shared, 'rescuer', make);
  return {
    name: rescue.name,
    run: async (signal) => {
      await Promise.all([rescue.run(signal), watch.run(signal)]);
    },
  };
};

const composeArchivist = async ({
  config,
  names,
  logger,
  metrics,
  own,
  eventLog,
  database,
  vitals,
}: Shared): Promise<Process> => {
  const keyFile = config.LOG_SEAL_KEY_FILE ?? logSealKeyFile(config.DATA_DIR);
  // a connection of its own: a long read of the log must not hold back the answers to appends
  const client = own(openEventStore(config.EVENTSTORE_URL), closeEventStore);
  const told = archivistMetrics(metrics);
  const sealer = logSealer({
    seals: eventStoreSeals(client, names.streams),
    eventLog: eventLog(),
    key: await readLogSealKey(keyFile),
    sha256,
    clock: systemClock,
    ids: uuids,
    logger,
    metrics: told,
  });
  const snapshots = jobSnapshots({
    store: snapshotStore(database()),
    eventAt: eventStoreEventAt(client),
    clock: systemClock,
  });
  const pace = politePace(
    { look: () => liveActivity(database()), idleShare: processorIdle() },
    systemTimers,
    config.ARCHIVE_RATE,
  );
  return archivist({
    scan: paced(eventStoreScan(client, names.streams), brake(pace, systemTimers)),
    consumers: [sealer, snapshots],
    draw,
    logger,
    metrics: told,
    vitals: vitals('archivist'),
    everyMs: config.ARCHIVE_EVERY_MS,
  });
};

const composePlanner = (shared: Shared): Process => {
  const { config, logger, metrics, eventLog, database, projected } = shared;
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
      onSchedules: (onChange) =>
        projected().subscribe({
          onMessage: (payload) => {
            if (tellsOfSchedules(payload)) onChange();
          },
          onConnect: onChange,
        }),
      draw,
      logger,
      metrics: told,
      vitals: shared.vitals('planner'),
      settings: { ownerPerSecond: config.PLANNED_PER_OWNER_PER_SECOND },
    });
  return whileSameLog(shared, 'planner', make);
};

const composeBulkChanger = (shared: Shared): Process => {
  const { config, logger, metrics, eventLog, database, projected } = shared;
  const told = bulkChangerMetrics(metrics);
  const make = (): Process =>
    bulkChanger({
      ...{ log: eventLog(), clock: systemClock, ids: uuids },
      open: openOperations(database()),
      selection: operationSelection(database()),
      room: { look: () => liveActivity(database()), idleShare: processorIdle() },
      exclusively: exclusively(
        { url: config.POSTGRES_URL, applicationName: 'punctual-bulk-changer' },
        'bulk-changer',
      ),
      onOperations: (onChange) =>
        projected().subscribe({
          onMessage: (payload) => {
            if (tellsOfOperations(payload)) onChange();
          },
          onConnect: onChange,
        }),
      draw,
      logger,
      metrics: told,
      vitals: shared.vitals('bulk-changer'),
      settings: { mostPerSecond: config.OPERATION_RATE },
    });
  return whileSameLog(shared, 'bulk-changer', make);
};

/** How each process is made of what this program shares; the web one also tells where it listens. */
export const composers: Readonly<
  Record<
    ProcessName,
    (shared: Shared, onListening: (url: string) => void) => Process | Promise<Process>
  >
> = {
  projector: composeProjector,
  planner: composePlanner,
  notifier: composeNotifier,
  dispatcher: composeDispatcher,
  'executor-gateway': composeGateway,
  executor: composeExecutor,
  rescuer: composeRescuer,
  archivist: composeArchivist,
  'bulk-changer': composeBulkChanger,
  web: composeWeb,
};
