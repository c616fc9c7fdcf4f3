import { attemptCommands, type AttemptCommands } from '../../commands/attempt-commands';
import type { Signer } from '../../domain/signer';
import type { EventLog, NewestEvents } from '../../domain/event-log';
import { proofs } from '../../commands/proofs';
import { systemClock } from '../../infra/clock';
import { eventStoreChecks } from '../../infra/eventstore/checks';
import { closeEventStore, openEventStore } from '../../infra/eventstore/client';
import { eventStoreEventAt } from '../../infra/eventstore/event-at';
import { eventStoreLog } from '../../infra/eventstore/event-log';
import { readNewest } from '../../infra/eventstore/lossless-events';
import { eventStoreFeed } from '../../infra/eventstore/feed';
import { eventStoreScan } from '../../infra/eventstore/log-scan';
import { eventStoreTime } from '../../infra/eventstore/server-time';
import { uuids } from '../../infra/ids';
import type { Metrics } from '../../infra/metrics';
import { watchJetStream } from '../../infra/nats/jetstream-watch';
import { openNats, type Nats } from './shared-nats';
import { openDatabase } from '../../infra/postgres/database';
import { listenTo, type Listener } from '../../infra/postgres/listen';
import { hmacSigner } from '../../infra/signer';
import type { ServerCheck } from '../../infra/server-check';
import type { ServerTime } from '../../infra/server-time';
import { systemNames, type SystemNames } from '../../infra/system-names';
import { brokerTime } from '../../infra/nats/server-time';
import { postgresTime } from '../../infra/postgres/server-time';
import type { Feed } from '../../projections/reading/feed';
import type { EventAt } from '../../projections/reading/log-place';
import type { LogScan } from '../../projections/reading/log-scan';
import { PROJECTED_CHANNEL } from '../../projections/writing/projected';
import { originStore, type OriginStore } from '../../projections/audit/read-model-origin';
import { otherEvents, type EventsNotInLog } from '../../projections/audit/same-log';
import type { Config } from '../settings/config';
import type { ProcessName } from '../settings/process-names';
import type { Logger } from '../runtime/logger';
import { healthMetrics, type HealthMetrics } from '../health/metrics';
import { once, type Resources } from '../runtime/resources';
import { sameSystem } from '../starting/same-system';
import { brokerSigns, programVitals } from './program-vitals';
import type { ServerName, WatchedVitals } from '../health/vitals';

/** The settings of a program that runs processes itself: every server has an address. */
export type WorkerConfig = Config &
  Required<Pick<Config, 'EVENTSTORE_URL' | 'POSTGRES_URL' | 'NATS_URL' | 'SIGNING_SECRET'>>;

type Database = ReturnType<typeof openDatabase>;

/** What processes of one program share; each is opened when the first of them asks for it. */
export type Shared = {
  readonly config: WorkerConfig;
  /** What this system is called on the servers. */
  readonly names: SystemNames;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly health: HealthMetrics;
  readonly own: Resources['own'];
  readonly eventLog: () => EventLog & NewestEvents;
  readonly logScan: () => LogScan;
  /** For a look at the log; who follows it for long opens a connection of its own. */
  readonly feed: () => Feed;
  readonly logEnd: () => Promise<bigint>;
  readonly eventAt: () => EventAt;
  /** What the read model says that it was made of. */
  readonly origin: () => OriginStore;
  /** What the read model was made of and the log does not have; undefined while they belong together. */
  readonly otherEvents: () => Promise<EventsNotInLog | undefined>;
  readonly attempts: () => AttemptCommands;
  readonly signer: () => Signer;
  readonly database: () => Database;
  /** The channel on which the projector tells how far it is. */
  readonly projected: () => Listener;
  /** Told when the read model may have changed, and after each gap in what is heard. @returns how to end it */
  readonly onProjected: (changed: () => void, isMeant?: (notice: string) => boolean) => () => void;
  readonly nats: () => Promise<Nats>;
  /** What these processes need of the servers, to be tried. */
  readonly checks: () => readonly ServerCheck[];
  /** What time the servers say it is; the broker's only where these processes use it. */
  readonly clocks: () => Readonly<Partial<Record<ServerName, ServerTime>>>;
  /** The signs of life of one of its processes. */
  readonly vitals: (process: ProcessName) => WatchedVitals;
  /** The system that log and read model are of. @throws ServerUnfit */
  readonly systemId: () => Promise<string>;
};

/** What runs the processes. */
export type Program = {
  readonly names: readonly ProcessName[];
  readonly signal: AbortSignal;
  /** Ends all of it, with this reason. */
  readonly fail: (error: Error) => void;
};

/** These read the whole log. */
const FOLLOWERS: ReadonlySet<ProcessName> = new Set(['projector', 'archivist', 'web']);

const openSharedDatabase = ({ POSTGRES_URL: url, POSTGRES_POOL_SIZE: poolSize }: WorkerConfig) =>
  openDatabase({
    ...{ url, poolSize, applicationName: 'punctual' },
    settings: { synchronous_commit: 'off' },
  });

const listenToProjector = ({ POSTGRES_URL: url }: WorkerConfig, logger: Logger): Listener =>
  listenTo({
    ...{ url, channel: PROJECTED_CHANNEL, applicationName: 'punctual-listen' },
    onFault: (error) => {
      logger.warn({ err: error }, 'cannot listen to the projector; trying again');
    },
  });

export const shared = (
  config: WorkerConfig,
  { own }: Resources,
  logger: Logger,
  metrics: Metrics,
  { names: processes, signal, fail }: Program,
): Shared => {
  const names = systemNames(config.SYSTEM_PREFIX);
  const { streams } = names;
  const signer = once(() => hmacSigner(config.SIGNING_SECRET));
  const eventStore = once(() => own(openEventStore(config.EVENTSTORE_URL), closeEventStore));
  const database = once(() => own(openSharedDatabase(config), (db) => db.destroy()));
  const projected = once(() =>
    own(listenToProjector(config, logger), (listener) => listener.stop()),
  );
  let isBrokerUsed = false;
  const health = healthMetrics(metrics);
  const signs = programVitals(logger, health);
  const eventLog = once(() => eventStoreLog(eventStore(), streams));
  const eventAt = once(() => eventStoreEventAt(eventStore()));
  const origin = once(() => originStore(database()));
  const systemId = once(() =>
    sameSystem(
      {
        ...{ log: eventLog(), clock: systemClock, ids: uuids },
        ...{ eventAt: eventAt(), origin: origin() },
        ...{ eventstoreUrl: config.EVENTSTORE_URL, postgresUrl: config.POSTGRES_URL },
      },
      signal,
    ),
  );
  // an executor has the broker alone, and may be where nothing else is in reach
  const knowsSystem = processes.some((name) => name !== 'executor');
  const nats = once(async () => {
    const { ofConnection, ofStream } = brokerSigns(processes, signs);
    const opened = await openNats(config, names.broker, own, logger, {
      systemId: knowsSystem ? await systemId() : undefined,
      onUnfit: fail,
      ...ofConnection,
    });
    const stop = watchJetStream({ broker: opened.broker, names: names.broker, ...ofStream });
    own(stop, (end) => end());
    return opened;
  });
  return {
    config,
    names,
    logger,
    metrics,
    health,
    own,
    signer,
    eventLog,
    eventAt,
    origin,
    otherEvents: () => otherEvents({ eventAt: eventAt(), origin: origin() }),
    logScan: once(() => eventStoreScan(eventStore(), streams)),
    feed: once(() => eventStoreFeed(eventStore(), streams)),
    logEnd: async () => (await readNewest(eventStore()))?.position.commit ?? -1n,
    attempts: once(() =>
      attemptCommands({
        log: eventLog(),
        clock: systemClock,
        ids: uuids,
        proofs: proofs(signer()),
        draw: Math.random,
      }),
    ),
    database,
    projected,
    onProjected: (changed, isMeant = () => true) =>
      projected().subscribe({
        onMessage: (notice) => {
          if (isMeant(notice)) changed();
        },
        onConnect: changed,
      }),
    nats: () => {
      isBrokerUsed = true;
      return nats();
    },
    clocks: () => ({
      'event-store': eventStoreTime(eventStore(), streams),
      'read-model': postgresTime(database()),
      ...(isBrokerUsed && {
        broker: async () => await brokerTime((await nats()).broker.connection, names.broker)(),
      }),
    }),
    checks: () =>
      eventStoreChecks(eventStore(), streams, {
        follows: processes.some((name) => FOLLOWERS.has(name)),
      }),
    vitals: signs.of,
    systemId,
  };
};
