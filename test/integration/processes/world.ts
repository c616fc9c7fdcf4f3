import type { NatsConnection } from 'nats';
import { attemptCommands, type AttemptCommands } from '../../../commands/attempt-commands';
import { jobCommands, type JobCommands } from '../../../commands/job-commands';
import type { CommandContext } from '../../../commands/answers';
import type { EventLog } from '../../../domain/event-log';
import { proofs } from '../../../commands/proofs';
import { jobStream } from '../../../domain/ids';
import { uuids } from '../../../infra/ids';
import { memoryEventLog } from '../../../infra/memory/event-log';
import { connectBroker } from '../../../infra/nats/connection';
import { jobDueMessages, type JobDueMessages } from '../../../infra/nats/due-messages';
import { dueStock, type DueStock } from '../../../infra/nats/due-stock';
import { dueQueue } from '../../../infra/nats/due-queue';
import { queueDepths } from '../../../infra/nats/queue-depths';
import { natsRequests } from '../../../infra/nats/requests';
import { ensureDueStream } from '../../../infra/nats/topology';
import { exclusively } from '../../../infra/postgres/advisory-lock';
import { executorBeats } from '../../../infra/postgres/executor-beats';
import { heldBack } from '../../../infra/postgres/held-back';
import { toldBudgets } from '../../../infra/postgres/queue-budgets';
import { toldStarts } from '../../../infra/postgres/queue-starts';
import { listenTo } from '../../../infra/postgres/listen';
import { seenTimeStore } from '../../../infra/postgres/seen-time';
import { shardLeases } from '../../../infra/postgres/shard-leases';
import { hmacSigner } from '../../../infra/signer';
import { dispatcher, type DispatcherDeps } from '../../../processes/dispatching/dispatcher';
import { limitsIn } from '../../../processes/dispatching/shares/share-limits';
import { noShares } from '../../../domain/shares/shares';
import { dueHintOf } from '../../../processes/dispatching/due-hint';
import { executorGateway, type GatewayDeps } from '../../../processes/gateway/executor-gateway';
import { executor, type ExecutorDeps } from '../../../processes/executing/executor';
import type { Process } from '../../../processes/runtime/process';
import { projector, type ProjectorDeps } from '../../../processes/projecting/projector';
import { rescuer, type RescuerDeps } from '../../../processes/rescuing/rescuer';
import type { Feed } from '../../../projections/reading/feed';
import type { EventAt } from '../../../projections/reading/log-place';
import { dueJobs } from '../../../projections/queries/dispatching/due-jobs';
import { countLiveJobs } from '../../../projections/queries/dispatching/live-jobs';
import { countUnstartedJobs } from '../../../projections/queries/dispatching/unstarted-jobs';
import { executorRuns } from '../../../projections/queries/rescuing/executor-runs';
import { queuedJobs } from '../../../projections/queries/rescuing/queued-jobs';
import { unfinishedJobs } from '../../../projections/queries/rescuing/unfinished-jobs';
import { readModel as projected } from '../../../projections/projections';
import { definition } from '../../support/jobs';
import { fixedLimits } from '../../support/limits';
import { ownNats, type TestNats } from '../../support/nats';
import { createReadModel, type TestReadModel } from '../../support/read-model';
import { until } from '../../support/until';
import {
  metricsRecorder,
  silentLogger,
  silentProjectorMetrics,
  type Counts,
  type MetricsRecorder,
} from '../../support/processes';
import { plainBroker } from '../../support/names';

export type Running = { readonly stop: () => Promise<void>; readonly ended: Promise<void> };

export type World = {
  readonly nats: TestNats;
  readonly readModel: TestReadModel;
  readonly log: EventLog;
  readonly feed: Feed;
  readonly jobs: JobCommands;
  readonly attempts: AttemptCommands;
  readonly messages: JobDueMessages;
  readonly stock: DueStock;
  readonly connection: NatsConnection;
  /** Runs a process until the world ends or it is stopped. */
  readonly run: (process: Process) => Running;
  readonly projector: (changes?: Partial<ProjectorDeps>) => Process;
  readonly dispatcher: (changes?: Partial<DispatcherDeps>) => Process;
  readonly gateway: (changes?: Partial<GatewayDeps>) => Process;
  readonly executor: (changes: Pick<ExecutorDeps, 'handlers'> & Partial<ExecutorDeps>) => Process;
  readonly rescuer: (changes?: Partial<RescuerDeps>) => Process;
  /** Schedules a job due in `inMs`. */
  readonly schedule: (inMs: number, changes?: Partial<typeof definition>) => Promise<string>;
  /** The same for another owner. */
  readonly scheduleFor: (
    ownerId: string,
    inMs: number,
    changes?: Partial<typeof definition>,
  ) => Promise<string>;
  /** The types of the events of a job, in order. */
  readonly story: (jobId: string) => Promise<readonly string[]>;
  readonly untilStory: (jobId: string, last: string) => Promise<readonly string[]>;
  readonly counts: Counts;
  readonly metrics: Omit<MetricsRecorder, 'counts'>;
  readonly dispose: () => Promise<void>;
};

type WorldLog = { readonly log: EventLog; readonly feed: Feed; readonly eventAt: EventAt };

export const context: CommandContext = {
  actor: { kind: 'user', id: definition.ownerId },
  correlationId: 'test',
};

/** Log in memory unless told, real Postgres and NATS, the real commands and projector. */
export const createWorld = async ({
  maxBytes = 64 * 1_024 * 1_024,
  maxPayloadBytes = 1_024 * 1_024,
  startBroker = (): Promise<TestNats> => ownNats({ maxPayloadBytes }),
  openLog = (): WorldLog => memoryEventLog(),
} = {}): Promise<World> => {
  const settings = { maxBytes };
  const [nats, readModel] = await Promise.all([startBroker(), createReadModel()]);
  const broker = await connectBroker({ url: nats.url, name: 'test' });
  const { connection } = broker;
  const ensureStream = () => ensureDueStream(connection, plainBroker, settings);
  await ensureStream();
  const { log, feed, eventAt } = openLog();
  const clock = { now: () => Date.now() };
  const draw = () => Math.random();
  const deps = { log, clock, ids: uuids, draw, proofs: proofs(hmacSigner('0123456789abcdef')) };
  const attempts = attemptCommands(deps);
  const jobs = jobCommands(deps);
  const messages = jobDueMessages(connection, plainBroker, settings);
  const stock = dueStock(connection, plainBroker, settings);
  const { counts, ...metrics } = metricsRecorder();
  const common = { clock, draw, logger: silentLogger };
  const running = new Set<Running>();
  const { ask, serve, roundTrip, maxMessageBytes } = natsRequests(connection);
  const unfinished = unfinishedJobs(readModel.db);
  const notices = listenTo({ url: readModel.url, applicationName: 'test', channel: 'projected' });
  let started = 0;

  const run = (process: Process): Running => {
    const controller = new AbortController();
    const ended = process.run(controller.signal);
    const stop = async (): Promise<void> => {
      running.delete(handle);
      controller.abort();
      await ended;
    };
    const handle = { stop, ended };
    running.add(handle);
    return handle;
  };
  const scheduleFor: World['scheduleFor'] = async (ownerId, inMs, changes = {}) => {
    const { ownerId: _owner, ...rest } = { ...definition, ...changes };
    const by = { ...context, actor: { ...context.actor, id: ownerId } };
    const answer = await jobs.schedule({ definition: rest, dueAt: Date.now() + inMs }, by);
    if (answer.outcome !== 'accepted') throw new Error(JSON.stringify(answer));
    return answer.jobId;
  };
  const story = async (jobId: string): Promise<readonly string[]> =>
    (await log.read(jobStream(jobId))).map(({ type }) => type);

  return {
    nats,
    readModel,
    log,
    feed,
    jobs,
    attempts,
    messages,
    stock,
    connection,
    run,
    counts,
    metrics,
    projector: (changes = {}) =>
      projector({
        ...common,
        projection: projected,
        feed,
        eventLog: log,
        eventAt,
        openSession: readModel.openSession,
        metrics: silentProjectorMetrics,
        ...changes,
      }),
    dispatcher: (changes = {}) =>
      dispatcher({
        ...common,
        holder: `dispatcher-${++started}`,
        commands: attempts,
        dueJobs: dueJobs(readModel.db),
        leases: shardLeases(readModel.db),
        messages,
        depths: queueDepths(connection, plainBroker),
        limits: fixedLimits(limitsIn(noShares, {})),
        countUnstarted: (flows) => countUnstartedJobs(readModel.db, flows),
        countLive: () => countLiveJobs(readModel.db),
        heldBack: heldBack(readModel.db),
        budgets: toldBudgets(readModel.db),
        listenForHints: ({ onHint, onConnect }) => {
          const unsubscribe = notices.subscribe({
            onMessage: (payload) => {
              const hint = dueHintOf(payload);
              if (hint) onHint(hint);
            },
            onConnect,
          });
          return Promise.resolve(() => Promise.resolve(unsubscribe()));
        },
        metrics: metrics.dispatcher,
        ...changes,
      }),
    gateway: (changes = {}) =>
      executorGateway({
        ...common,
        requests: { serve, roundTrip, maxMessageBytes },
        subjects: plainBroker.executor,
        commands: attempts,
        gatewayId: `gateway-${++started}`,
        beats: executorBeats(readModel.db),
        starts: toldStarts(readModel.db),
        runs: executorRuns(readModel.db),
        metrics: metrics.gateway,
        ...changes,
      }),
    executor: (changes) =>
      executor({
        ...common,
        queueName: 'default',
        queue: dueQueue({
          broker,
          names: plainBroker,
          queue: changes.queueName ?? 'default',
          ensureStream,
          ackWaitMs: 2_000,
        }),
        ask,
        subjects: plainBroker.executor,
        maxMessageBytes,
        idPrefix: 'test',
        metrics: metrics.executor,
        ...changes,
      }),
    rescuer: (changes = {}) =>
      rescuer({
        ...common,
        commands: attempts,
        messages,
        unfinished,
        stock,
        queued: queuedJobs(readModel.db),
        seenTime: seenTimeStore(readModel.db),
        exclusively: exclusively({ url: readModel.url, applicationName: 'test' }, 'rescuer'),
        metrics: metrics.rescuer,
        ...changes,
      }),
    schedule: (inMs, changes) => scheduleFor(definition.ownerId, inMs, changes),
    scheduleFor,
    story,
    untilStory: (jobId, last) =>
      until(
        async () => {
          const types = await story(jobId);
          return types.at(-1) === last ? types : undefined;
        },
        { what: `${jobId} has come to ${last}` },
      ),
    dispose: async () => {
      await Promise.all([...running].map(({ stop }) => stop()));
      await Promise.all([broker.close(), notices.stop()]);
      await Promise.all([nats.dispose(), readModel.dispose()]);
    },
  };
};
