import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type Response,
} from 'express';
import type { Observable } from 'rxjs';
import type { JobCommands } from '../commands/job-commands';
import type { JobHistory } from '../commands/job-history';
import type { Clock } from '../domain/time';
import type { Ids } from '../domain/ids';
import type { Signer } from '../domain/signer';
import type { Forecast } from '../projections/queries/forecast';
import type { DeadLettersOf } from '../projections/queries/dead-letters';
import type { LatenessOf } from '../projections/queries/lateness';
import type { CountJobs } from '../projections/queries/job-counts';
import type { JobQueries } from '../projections/queries/jobs';
import type { PastJobs } from '../projections/queries/past/jobs-as-of';
import type { StatusFeed } from '../projections/queries/status-feed';
import { signedCursors } from './http/cursor';
import { crowdingRoute } from './routes/crowding';
import type { Crowding } from './routes/jobs/crowding';
import { send, sendText, type Answered, type Logger, type Output } from './http/exchange';
import type { ApiLimits, Limit, QueuesOf } from './access/limits';
import { liveStreams } from './live/connections';
import { liveTail } from './live/tail';
import { openApiOf } from './openapi';
import { ownerQuota, type OwnerQuotaDeps } from './access/owner-quota';
import type { Authenticate } from './access/principal';
import { crossOrigin } from './http/cors';
import { requestRate } from './access/rate-limit';
import type { Sessions } from './access/sessions';
import { signInCodes } from './access/sign-in-codes';
import type { Route } from './http/route';
import { batchRoute } from './routes/jobs/batch';
import { unlessHistoryGone } from './routes/jobs/gone-job';
import { commandRoutes } from './routes/jobs/commands';
import { consolePages } from './routes/console';
import { countsRoute } from './routes/jobs/counts';
import { deadLettersRoute } from './routes/dead-letters';
import { differencesRoute } from './routes/jobs/differences';
import { docsPages } from './routes/docs';
import { forecastRoute } from './routes/forecast';
import { latenessRoute } from './routes/lateness';
import { limitsRoute } from './routes/limits';
import { listRoute } from './routes/jobs/list';
import { liveRoute } from './routes/live';
import { operationsRoutes, type OpenRoute, type OperationsDeps } from './routes/operations';
import { historyRoutes } from './routes/jobs/history';
import { oneRoute } from './routes/jobs/one';
import type { RunTool } from './routes/tools/run-tool';
import { scheduleRoute } from './routes/jobs/schedule';
import type { BulkOperations } from './routes/bulk-operations/deps';
import { bulkOperationRoutes } from './routes/bulk-operations/routes';
import type { Webhooks } from './routes/webhooks/deps';
import { webhookRoutes } from './routes/webhooks/routes';
import type { Schedules } from './routes/schedules/deps';
import { scheduleRoutes } from './routes/schedules/routes';
import { sessionRoutes } from './routes/sessions';
import { sharesRoutes, type QueuesDeps, type SharesDeps } from './routes/shares';
import { systemRoute, type SystemDeps } from './routes/system';
import { tools, type ToolsDeps } from './routes/tools/tools';
import type { QueryFreshness } from './http/staleness';
import { streamReads } from './access/stream-reads';
import { beginExchange, fail, principalOf, servePath, type ServeDeps } from './serve';

export type ApiDeps = {
  readonly commands: JobCommands;
  readonly history: JobHistory;
  readonly jobs: JobQueries;
  readonly countJobs: CountJobs;
  readonly forecast: Forecast;
  readonly lateness: LatenessOf;
  readonly deadLetters: DeadLettersOf;
  readonly crowding: Crowding;
  readonly pastJobs: PastJobs;
  readonly schedules: Schedules;
  readonly bulkOperations: BulkOperations;
  readonly webhooks: Webhooks;
  readonly shares: SharesDeps;
  readonly queues: QueuesDeps;
  readonly system: SystemDeps;
  readonly freshness: QueryFreshness;
  readonly statusFeed: StatusFeed;
  /** Hints that the status feed may have grown; a lost one costs a second. */
  readonly statusChanged$: Observable<unknown>;
  readonly authenticate: Authenticate;
  /** Tokens that `authenticate` knows. */
  readonly sessions: Sessions;
  /** Signs page cursors: the same on every instance. */
  readonly signer: Signer;
  readonly limits: ApiLimits;
  /** Queues that owners may schedule jobs to. */
  readonly queuesOf: QueuesOf;
  /** Runs verbs of the command line for operators. */
  readonly runTool: RunTool;
  readonly recordVerification: ToolsDeps['recordVerification'];
  readonly readiness: OperationsDeps['readiness'];
  readonly metrics: OperationsDeps['metrics'];
  readonly metricsAccess: OperationsDeps['metricsAccess'];
  /** Told of every answered request, for metrics. */
  readonly observe: (answered: Answered) => void;
  /** The built console. */
  readonly consoleFolder: string;
  /** Where users find this server, behind whatever is in front of it; ends in a slash. */
  readonly publicUrl: string | undefined;
  /** Pages of other origins that may ask. */
  readonly corsOrigins: readonly string[];
  /** Whether a throw means that Postgres cannot be reached or does not answer. */
  readonly isOutage: (error: unknown) => boolean;
  /** How long a command or a query may take. */
  readonly requestDeadlineMs: number;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
};

export type Api = {
  readonly app: Express;
  /** Ends the live connections, and refuses new ones only while draining. */
  readonly closeLiveStreams: () => void;
  /** From now on: not ready, no live connections, and every answer closes its connection. */
  readonly drain: () => void;
};

const routesOf = (
  deps: ApiDeps,
  output: Output,
  live: { readonly handle: Route['handle'] },
  toolRoutes: readonly Route[],
): readonly Route[] => {
  const { commands, jobs, history, clock, limits, freshness, crowding, queuesOf } = deps;
  const unlessGone = unlessHistoryGone({ jobs, history });
  const { countLiving, ...schedules } = deps.schedules;
  const { countOpen, ...operations } = deps.bulkOperations;
  const quotaOf = (what: string, limit: Limit, count: OwnerQuotaDeps['count']) =>
    ownerQuota({ what, count, limit, clock, logger: deps.logger });
  const quota = quotaOf('pending jobs', limits.pendingJobs, jobs.countPending);
  const cursors = signedCursors(deps.signer);
  const reads = streamReads();
  const scheduling = { commands, quota, rules: limits, crowding, queuesOf };
  const onFailure = (error: unknown, requestId: string): void =>
    output.logger.error({ err: error, requestId }, 'job of a batch failed');
  // the hot path first: Express tries paths in this order
  return [
    scheduleRoute(scheduling),
    listRoute({
      jobs,
      past: deps.pastJobs,
      freshness,
      cursors,
      clock,
    }),
    batchRoute({ ...scheduling, isOutage: deps.isOutage, onFailure }),
    ...commandRoutes({ commands, crowding, unlessGone, clock }),
    forecastRoute({ forecast: deps.forecast, freshness, clock }),
    crowdingRoute({ crowding, clock }),
    latenessRoute({ lateness: deps.lateness, freshness, clock }),
    deadLettersRoute({ deadLetters: deps.deadLetters, past: deps.pastJobs, freshness, clock }),
    countsRoute({ count: deps.countJobs, past: deps.pastJobs, freshness, clock }),
    differencesRoute({ past: deps.pastJobs, cursors, clock }),
    oneRoute({ jobs, history, freshness, streamReads: reads, clock, unlessGone }),
    ...historyRoutes({ history, clock, unlessGone }),
    liveRoute(live.handle),
    ...scheduleRoutes({
      ...schedules,
      ...{ rules: limits, queuesOf, freshness, cursors, streamReads: reads, clock },
      jobHistory: history,
      quota: quotaOf('schedules', limits.schedulesPerOwner, countLiving),
    }),
    ...bulkOperationRoutes({
      ...operations,
      ...{ freshness, cursors, streamReads: reads, clock },
      quota: quotaOf('operations', limits.openOperations, countOpen),
    }),
    ...sessionRoutes({
      ...{ sessions: deps.sessions, codes: signInCodes(clock), authenticate: deps.authenticate },
    }),
    ...webhookRoutes({
      ...deps.webhooks,
      ...{ rules: limits, freshness, cursors, streamReads: reads, clock },
      quota: quotaOf('webhooks', limits.webhooksPerOwner, deps.webhooks.list.countLiving),
    }),
    limitsRoute(limits, queuesOf, schedules.zones.version),
    ...sharesRoutes(deps.shares, { ...deps.queues, freshness }),
    systemRoute(deps.system),
    ...toolRoutes,
  ];
};

const serveOpen =
  (deps: ServeDeps, route: OpenRoute) =>
  async (request: Request, response: Response): Promise<void> => {
    const exchange = beginExchange(request, response, route.path, deps.ids);
    try {
      const isRead = request.method === 'GET' || request.method === 'HEAD';
      const answer = isRead
        ? await route.handle(request)
        : { code: 'method-not-allowed' as const, headers: { Allow: 'GET, HEAD' } };
      if ('code' in answer) send(deps.output, exchange, answer);
      else sendText(deps.output, exchange, answer);
    } catch (error) {
      fail(deps, exchange, error);
    }
  };

/** Nothing is there; below /v1 only who may ask learns so. */
const serveNothing =
  (deps: ServeDeps) =>
  async (request: Request, response: Response): Promise<void> => {
    const exchange = beginExchange(request, response, 'none', deps.ids);
    const isPublic = !request.path.startsWith('/v1/');
    const who = isPublic ? undefined : await principalOf(request, deps.authenticate);
    const isKnown = who === undefined || 'principal' in who;
    send(deps.output, exchange, isKnown ? { code: 'not-found' } : who.refusal);
  };

const serveFailure =
  (deps: ServeDeps): ErrorRequestHandler =>
  (error: unknown, request, response, _next) => {
    const exchange = beginExchange(request, response, 'none', deps.ids);
    // Express could not decode the path
    if (error instanceof URIError) send(deps.output, exchange, { code: 'bad-request' });
    else fail(deps, exchange, error);
  };

const pathsOf = (routes: readonly Route[]): ReadonlyMap<string, readonly Route[]> => {
  const paths = new Map<string, readonly Route[]>();
  for (const route of routes) paths.set(route.path, [...(paths.get(route.path) ?? []), route]);
  return paths;
};

/** The HTTP API over commands and queries. Listens nowhere by itself. */
export const createApp = (deps: ApiDeps): Api => {
  const { authenticate, ids, isOutage, logger, observe, limits, clock, statusFeed: feed } = deps;
  let isDrainingNow = false;
  const isDraining = (): boolean => isDrainingNow;
  const output: Output = { logger, observe, isDraining };
  const tail = liveTail({ feed, changed$: deps.statusChanged$, logger });
  const live = liveStreams({
    feed,
    tail,
    lag: deps.freshness.lag,
    clock,
    logger,
    maxStreams: limits.liveStreams,
    isDraining,
  });
  const { runTool: run, recordVerification } = deps;
  const running = tools({ run, recordVerification, logger, isDraining });
  const routes = routesOf(deps, output, live, running.routes);
  let description: object | undefined; // made when somebody asks: few starts are asked at all
  const openRoutes = operationsRoutes(
    { ...deps, isDraining },
    () => (description ??= openApiOf(routes, openRoutes, deps.publicUrl)),
  );
  const isWithinRate = requestRate(limits.requests);
  const serving: ServeDeps = {
    authenticate,
    ids,
    output,
    isOutage,
    isWithinRate,
    deadlineMs: deps.requestDeadlineMs,
  };

  const app = express();
  app.disable('x-powered-by').disable('etag').enable('case sensitive routing');
  app.enable('strict routing').set('query parser', false);
  if (deps.corsOrigins.length > 0) app.use(crossOrigin(deps.corsOrigins));
  for (const [path, ofPath] of pathsOf(routes))
    app.all(path.replaceAll(/\{(\w+)\}/g, ':$1'), servePath(serving, path, ofPath));
  for (const route of openRoutes) app.all(route.path, serveOpen(serving, route));
  const basePath = deps.publicUrl === undefined ? '/' : new URL(deps.publicUrl).pathname;
  app.use(consolePages(deps.consoleFolder, basePath));
  app.use(docsPages(basePath));
  app.use(serveNothing(serving));
  app.use(serveFailure(serving));
  return {
    app,
    closeLiveStreams: live.endAll,
    drain: () => {
      isDrainingNow = true;
      live.endAll();
      running.endAll();
    },
  };
};
