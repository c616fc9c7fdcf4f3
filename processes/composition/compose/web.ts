import { join } from 'node:path';
import { createRemoteJWKSet } from 'jose';
import { Observable } from 'rxjs';
import { createApp, type ApiDeps } from '../../../api/app';
import { authenticator, digestOfKey } from '../../../api/access/authenticator';
import type { QueuesOf } from '../../../api/access/limits';
import { loopShare } from '../../../api/access/loop-share';
import { sessions } from '../../../api/access/sessions';
import { within } from '../../../api/http/failures';
import { jobCommands } from '../../../commands/job-commands';
import { jobHistory } from '../../../commands/job-history';
import { operationCommands } from '../../../commands/operations/operation-commands';
import { recordVerification } from '../../../commands/record-verification';
import { scheduleCommands } from '../../../commands/schedules/schedule-commands';
import { pastScheduleList, type PastScheduleListDeps } from '../../../commands/schedules/past-list';
import { scheduleAsOf } from '../../../commands/schedules/schedule-as-of';
import { scheduleHistory } from '../../../commands/schedules/schedule-history';
import { currentShares, setShares } from '../../../commands/set-shares';
import type { Signer } from '../../../domain/signer';
import { calendarsBy } from '../../../domain/schedule/calendars';
import { serverEnv } from '../../../embedded/child';
import { systemClock } from '../../../infra/clock';
import type { Lag } from '../../../projections/queries/lag';
import { availableScan } from '../../../infra/eventstore/available-scan';
import { uuids } from '../../../infra/ids';
import { keptCalendars } from '../../../infra/tzdata/kept-calendars';
import { pinnedZones } from '../../../infra/tzdata/pinned';
import { isReadModelLost, isTransientPostgresError } from '../../../infra/postgres/failures';
import { findCrowdedMinutes } from '../../../projections/queries/crowded-minutes';
import { forecast } from '../../../projections/queries/forecast';
import { freshness, unlessBeyond } from '../../../projections/queries/freshness';
import { heldBackOf } from '../../../projections/queries/dispatching/held-back';
import { jobCounts } from '../../../projections/queries/job-counts';
import { deadLetters } from '../../../projections/queries/dead-letters';
import { lateness } from '../../../projections/queries/lateness';
import { jobQueries } from '../../../projections/queries/jobs';
import { pastJobs } from '../../../projections/queries/past/jobs-as-of';
import { pastSnapshots } from '../../../projections/queries/past/past-snapshots';
import { missingPartitions } from '../../../projections/queries/operating/partitions-ahead';
import { knownSchedules } from '../../../projections/queries/schedules/known-schedules';
import { scheduleList } from '../../../projections/queries/schedules/list';
import { plannedRuns } from '../../../projections/queries/schedules/planned-runs';
import { scheduleOccurrences } from '../../../projections/queries/schedules/occurrences';
import { operationItems } from '../../../projections/queries/operations/items';
import { knownOperations } from '../../../projections/queries/operations/known-operations';
import { operationList } from '../../../projections/queries/operations/list';
import { operationSelection } from '../../../projections/queries/operations/selection';
import { queueStates } from '../../../projections/queries/queues';
import { readProcessVitals } from '../../../projections/queries/operating/process-vitals';
import { systemState } from '../../../projections/queries/operating/system-state';
import { trialWrite } from '../../../projections/queries/operating/trial-write';
import { unservedQueues } from '../../../projections/queries/rescuing/unserved-queues';
import { statusFeed } from '../../../projections/queries/status-feed';
import { appendWatch } from '../../health/append-watch';
import type { Config } from '../../settings/config';
import { crowding } from '../../web/crowding';
import { LEASE_TTL_MS } from '../../dispatching/dispatcher';
import { defaultLimitsOf, limitsIn } from '../../dispatching/shares/share-limits';
import { lagWatch } from '../../health/lag-watch';
import type { Process } from '../../runtime/process';
import {
  canRead,
  canRecord,
  clocksAgree,
  keepsUp,
  parkedStreams,
  partitionsAhead,
  processesMove,
  readinessOf,
  sameLog,
  servedQueues,
  takesWrites,
} from '../../health/readiness';
import { webhooksOf } from './notifier';
import type { Shared } from '../shared';
import { toolRunner } from '../tools';
import { lastVerification } from '../../web/last-verification';
import { newestSeal } from '../../web/newest-seal';
import { serverVersions } from '../../web/server-versions';
import { webMetrics } from '../../web/metrics';
import { web } from '../../web/web';
import { systemTimers } from '../../runtime/timers';

const REQUEST_DEADLINE_MS = 10_000;
/** Less than a request has: who asks is told. */
const AS_OF_WITHIN_MS = 8_000;
/** The log tells a story without it. */
const HELD_BACK_DEADLINE_MS = 1_000;
const DRAIN_MS = 8_000;
const LIVE_STREAMS_PER_PRINCIPAL = 20;
const MINUTE_MS = 60_000;
/** Of rules whose calendars are kept: some 16,000 ordinary ones. */
const KEPT_RULE_CHARACTERS = 20_000_000;
/** How old what answers say of their lag may be. */
const LAG_LOOK_MS = 1_000;
/** A job takes about a kilobyte: bounds on what lists of the past may hold in memory. */
const PAST_LISTS = { maxJobs: 200_000, keptLists: 4, keptJobs: 50_000 } as const;

/** Who asks, by keys, sessions and JWTs. */
const accessOf = (
  { apiKeys: named, JWKS_URL, JWT_ISSUER, JWT_AUDIENCE }: Config,
  signer: Signer,
): Pick<ApiDeps, 'authenticate' | 'sessions'> => {
  const apiKeys = named.map(({ key, principalId, role }) => ({
    keyDigest: digestOfKey(key),
    principalId,
    role,
  }));
  const ofBrowsers = sessions({ signer, clock: systemClock, apiKeys });
  const jwt = JWKS_URL !== undefined && {
    getKey: createRemoteJWKSet(new URL(JWKS_URL)),
    ...(JWT_ISSUER !== undefined && { issuer: JWT_ISSUER }),
    ...(JWT_AUDIENCE !== undefined && { audience: JWT_AUDIENCE }),
  };
  return {
    sessions: ofBrowsers,
    authenticate: authenticator(
      { apiKeys, findSession: ofBrowsers.find, ...(jwt && { jwt }) },
      systemClock,
    ),
  };
};

const limitsOf = ({
  RATE_LIMIT_PER_MINUTE,
  PENDING_JOBS_PER_OWNER,
  SCHEDULES_PER_OWNER,
  OPERATIONS_PER_OWNER,
  WEBHOOKS_PER_OWNER,
  ALLOW_PRIVATE_TARGETS,
  locationSchemes,
}: Config) => ({
  requests: { kind: 'limited', max: RATE_LIMIT_PER_MINUTE, windowMs: MINUTE_MS } as const,
  pendingJobs: { kind: 'limited', max: PENDING_JOBS_PER_OWNER } as const,
  schedulesPerOwner: { kind: 'limited', max: SCHEDULES_PER_OWNER } as const,
  openOperations: { kind: 'limited', max: OPERATIONS_PER_OWNER } as const,
  webhooksPerOwner: { kind: 'limited', max: WEBHOOKS_PER_OWNER } as const,
  liveStreams: LIVE_STREAMS_PER_PRINCIPAL,
  allowPrivateTargets: ALLOW_PRIVATE_TARGETS,
  locationSchemes,
});

const queuesOf = ({ ownerQueues }: Config): QueuesOf => {
  const byOwner = new Map(ownerQueues.map(({ ownerId, queues }) => [ownerId, queues]));
  const others = byOwner.get('*') ?? 'any';
  return (ownerId) => byOwner.get(ownerId) ?? others;
};

/** What a tool needs to know of the environment: where servers and keys of the seals are, and which names are ours. */
const serversOf = ({
  EVENTSTORE_URL,
  POSTGRES_URL,
  NATS_URL,
  NATS_CA_FILE,
  NATS_CERT_FILE,
  NATS_KEY_FILE,
  NATS_CREDS_FILE,
  SYSTEM_PREFIX,
  DATA_DIR,
  LOG_SEAL_KEY_FILE,
}: Shared['config']) => ({
  ...serverEnv,
  EVENTSTORE_URL,
  POSTGRES_URL,
  NATS_URL,
  NATS_CA_FILE,
  NATS_CERT_FILE,
  NATS_KEY_FILE,
  NATS_CREDS_FILE,
  SYSTEM_PREFIX,
  DATA_DIR,
  LOG_SEAL_KEY_FILE,
});

/** The API over everything it needs, and the server that it listens with. */
export const composeWeb = (shared: Shared, onListening: (url: string) => void): Process => {
  const { config, logger, metrics, logScan, signer, database, projected, vitals } = shared;
  const db = database();
  const fresh = freshness(db, (handlers) => projected().subscribe(handlers), systemTimers.after);
  const appends = appendWatch({
    eventLog: shared.eventLog(),
    ids: uuids,
    clock: systemClock,
    vitals: vitals('web'),
  });
  const { eventLog } = appends;
  const whyNoAppends = (): string | undefined =>
    vitals('web')
      .look()
      .hindrances.find(({ server }) => server === 'event-store')?.reason;
  const crowded = crowding({
    find: findCrowdedMinutes(db),
    capacity: config.CROWDED_MINUTE_JOBS,
    everyMs: config.CROWDED_REFRESH_MS,
    clock: systemClock,
    logger,
  });
  const lagDeps = {
    feed: shared.feed(),
    logEnd: shared.logEnd,
    checkpoint: fresh.checkpoint,
    clock: systemClock,
  };
  const { requestMs, lagEvents, lagMs } = webMetrics(metrics);
  const observe = ({ events, ms }: Lag): void => {
    lagEvents(events);
    lagMs(ms);
    vitals('web').moved();
  };
  const watch = lagWatch({ ...lagDeps, everyMs: LAG_LOOK_MS, observe });
  const jobs = jobCommands({ log: eventLog, clock: systemClock, ids: uuids });
  const known = knownSchedules(db);
  const knownBulkOperations = knownOperations(db);
  const calendars = keptCalendars(calendarsBy(pinnedZones), KEPT_RULE_CHARACTERS);
  const schedules = scheduleList(db);
  const pastScheduleOf: PastScheduleListDeps['asOf'] = (scheduleId, ...asked) =>
    scheduleAsOf(
      eventLog,
      scheduleId,
      ...asked,
      async () => (await known.find(scheduleId))?.definition.ownerId,
    );
  const api = createApp({
    commands: jobs,
    schedules: {
      commands: scheduleCommands({
        ...{ log: eventLog, clock: systemClock, ids: uuids, known, calendars, jobs },
      }),
      history: scheduleHistory(eventLog, known),
      asOf: (scheduleId, ...asked) =>
        pastScheduleOf(scheduleId, ...asked, AbortSignal.timeout(AS_OF_WITHIN_MS)),
      pastList: pastScheduleList({
        made: schedules.made,
        asOf: pastScheduleOf,
        havingPart: pastSnapshots(db).havingPart,
      }),
      list: schedules.list,
      countLiving: schedules.countLiving,
      occurrences: scheduleOccurrences(db),
      plannedRuns: plannedRuns(db, calendars),
      ...{ known, calendars, zones: pinnedZones, share: loopShare() },
    },
    bulkOperations: {
      commands: operationCommands({
        ...{ log: eventLog, clock: systemClock, ids: uuids, known: knownBulkOperations },
      }),
      known: knownBulkOperations,
      ...operationList(db),
      items: operationItems(db),
      preview: operationSelection(db).preview,
    },
    history: jobHistory(eventLog, systemClock, (...asked) =>
      within(HELD_BACK_DEADLINE_MS, 'read-model-unavailable', () => heldBackOf(db)(...asked)),
    ),
    jobs: jobQueries(db),
    countJobs: jobCounts(db),
    forecast: forecast(db),
    lateness: lateness(db),
    deadLetters: deadLetters(db),
    crowding: crowded,
    pastJobs: pastJobs({
      snapshots: pastSnapshots(db),
      scan: availableScan(logScan()),
      log: eventLog,
      ...PAST_LISTS,
    }),
    webhooks: webhooksOf(shared, eventLog),
    shares: {
      current: () => currentShares(eventLog),
      set: setShares({ log: eventLog, clock: systemClock, ids: uuids }),
    },
    queues: {
      states: queueStates(db, config.EXECUTOR_SILENT_MS),
      limits: async () => {
        const { shares } = await currentShares(eventLog);
        return limitsIn(shares, defaultLimitsOf(config)).limitsOfQueue;
      },
    },
    system: {
      state: systemState(db, LEASE_TTL_MS),
      seal: () => newestSeal(shared.eventLog()),
      verification: () => lastVerification(shared.eventLog()),
      versions: serverVersions(shared.versions()),
      lag: watch.lag,
    },
    recordVerification: recordVerification({ log: eventLog, clock: systemClock, ids: uuids }),
    freshness: { waitFor: unlessBeyond(fresh.waitFor, shared.logEnd), lag: watch.lag },
    statusFeed: statusFeed(db),
    statusChanged$: new Observable<undefined>((subscriber) =>
      projected().subscribe({
        onMessage: () => {
          subscriber.next(undefined);
        },
        onConnect: () => {
          subscriber.next(undefined);
        },
      }),
    ),
    ...accessOf(config, signer()),
    consoleFolder: join(__dirname, '..', '..', '..', 'console'),
    publicUrl: config.PUBLIC_URL,
    corsOrigins: config.corsOrigins,
    signer: signer(),
    limits: limitsOf(config),
    queuesOf: queuesOf(config),
    runTool: toolRunner({
      script: join(__dirname, '..', '..', '..', 'cli', 'main.js'),
      env: serversOf(config),
    }),
    readiness: readinessOf([
      canRecord(eventLog, whyNoAppends),
      canRead(fresh),
      takesWrites(trialWrite(db)),
      sameLog(shared.otherEvents),
      keepsUp(lagDeps),
      parkedStreams(fresh),
      partitionsAhead(missingPartitions(db), systemClock.now),
      servedQueues(unservedQueues(db)),
      processesMove(() => readProcessVitals(db)),
      clocksAgree(() => readProcessVitals(db)),
    ]),
    metrics: { contentType: metrics.contentType, text: metrics.text },
    metricsAccess: 'loopback',
    observe: ({ method, route, status, durationMs }) => {
      requestMs(method, route, String(status), durationMs);
    },
    isOutage: (error) => isTransientPostgresError(error) || isReadModelLost(error),
    requestDeadlineMs: REQUEST_DEADLINE_MS,
    clock: systemClock,
    ids: uuids,
    logger,
  });
  const server = web({
    handle: (request, response) => {
      api.app(request, response);
    },
    drain: api.drain,
    ids: uuids,
    host: config.HTTP_HOST,
    port: config.HTTP_PORT,
    onListening: ({ address, family, port }) => {
      onListening(`http://${family === 'IPv6' ? `[${address}]` : address}:${port}`);
    },
    drainMs: DRAIN_MS,
  });
  return {
    name: server.name,
    run: async (signal) => {
      await Promise.all([
        server.run(signal),
        crowded.run(signal),
        watch.run(signal),
        appends.run(signal),
      ]);
    },
  };
};
