import { join } from 'node:path';
import { Observable } from 'rxjs';
import { createApp } from '../../../../api/app';
import { within } from '../../../../api/http/failures';
import { jobCommands } from '../../../../commands/job-commands';
import { jobHistory } from '../../../../commands/job-history';
import { recordVerification } from '../../../../commands/record-verification';
import { currentShares, setShares } from '../../../../commands/set-shares';
import type { EventLog, NewestEvents } from '../../../../domain/event-log';
import { systemClock } from '../../../../infra/clock';
import { uuids } from '../../../../infra/ids';
import { isReadModelLost, isTransientPostgresError } from '../../../../infra/postgres/failures';
import { findCrowdedMinutes } from '../../../../projections/queries/crowded-minutes';
import { heldBackOf } from '../../../../projections/queries/dispatching/held-back';
import { freshness, unlessBeyond } from '../../../../projections/queries/freshness';
import type { Lag } from '../../../../projections/queries/lag';
import { appendWatch } from '../../../health/append-watch';
import { lagWatch } from '../../../health/lag-watch';
import type { Process } from '../../../runtime/process';
import { systemTimers } from '../../../runtime/timers';
import { crowding } from '../../../web/crowding';
import { webMetrics } from '../../../web/metrics';
import { web } from '../../../web/web';
import type { Shared } from '../../shared';
import { webhooksOf } from '../notifier';
import { accessOf } from './access';
import { bulkOperationsOf } from './bulk-operations';
import { readSideOf } from './read-side';
import { webReadiness } from './readiness';
import { schedulesOf } from './schedules';
import { toolsOf } from './tools';

const REQUEST_DEADLINE_MS = 10_000;
/** The log tells a story without it. */
const HELD_BACK_DEADLINE_MS = 1_000;
const DRAIN_MS = 8_000;
/** How old what answers say of their lag may be. */
const LAG_LOOK_MS = 1_000;
const CONSOLE = join(__dirname, '..', '..', '..', '..', 'console');

/** What changes the log, and what is told from it. */
const logSideOf = (shared: Shared, eventLog: EventLog & NewestEvents) => {
  const recording = { log: eventLog, clock: systemClock, ids: uuids };
  const commands = jobCommands(recording);
  const heldBack = heldBackOf(shared.database());
  return {
    commands,
    schedules: schedulesOf(shared, eventLog, commands),
    bulkOperations: bulkOperationsOf(shared, eventLog),
    webhooks: webhooksOf(shared, eventLog),
    shares: { current: () => currentShares(eventLog), set: setShares(recording) },
    recordVerification: recordVerification(recording),
    history: jobHistory(eventLog, systemClock, (...asked) =>
      within(HELD_BACK_DEADLINE_MS, 'read-model-unavailable', () => heldBack(...asked)),
    ),
  };
};

/** What looks again and again beside the requests. */
const watchesOf = (shared: Shared) => {
  const { config, logger, metrics, database, projected, vitals } = shared;
  const db = database();
  const { requestMs, lagEvents, lagMs } = webMetrics(metrics);
  const fresh = freshness(db, (handlers) => projected().subscribe(handlers), systemTimers.after);
  const lagDeps = {
    feed: shared.feed(),
    logEnd: shared.logEnd,
    checkpoint: fresh.checkpoint,
    clock: systemClock,
  };
  const observe = ({ events, ms }: Lag): void => {
    lagEvents(events);
    lagMs(ms);
    vitals('web').moved();
  };
  return {
    ...{ fresh, lagDeps, requestMs },
    appends: appendWatch({
      ...{ eventLog: shared.eventLog(), ids: uuids, clock: systemClock, vitals: vitals('web') },
    }),
    crowded: crowding({
      find: findCrowdedMinutes(db),
      capacity: config.CROWDED_MINUTE_JOBS,
      everyMs: config.CROWDED_REFRESH_MS,
      clock: systemClock,
      draw: Math.random,
      logger,
    }),
    lag: lagWatch({ ...lagDeps, everyMs: LAG_LOOK_MS, observe }),
  };
};

/** The API over everything it needs, and the server that it listens with. */
export const composeWeb = (shared: Shared, onListening: (url: string) => void): Process => {
  const { config, logger, metrics } = shared;
  const { fresh, lagDeps, requestMs, ...watches } = watchesOf(shared);
  const { appends, crowded, lag } = watches;
  const { eventLog } = appends;
  const api = createApp({
    ...logSideOf(shared, eventLog),
    ...readSideOf(shared, eventLog, lag.lag),
    ...accessOf(config, shared.signer()),
    crowding: crowded,
    freshness: {
      waitFor: unlessBeyond(fresh.waitFor, shared.logEnd),
      position: fresh.position,
      lag: lag.lag,
    },
    statusChanged$: new Observable<undefined>((subscriber) =>
      shared.onProjected(() => subscriber.next(undefined)),
    ),
    consoleFolder: CONSOLE,
    runTool: toolsOf(config),
    readiness: webReadiness(shared, { eventLog, fresh, lagDeps }),
    metrics: { contentType: metrics.contentType, text: metrics.text },
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
      await Promise.all([server, lag, appends, crowded].map(({ run }) => run(signal)));
    },
  };
};
