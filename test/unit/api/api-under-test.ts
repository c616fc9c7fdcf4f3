import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Subject } from 'rxjs';
import { createApp, type Api, type ApiDeps } from '../../../api/app';
import { authenticator, digestOfKey } from '../../../api/access/authenticator';
import { sessions } from '../../../api/access/sessions';
import type { JobAccepted, JobAnswer } from '../../../commands/answers';
import type { JobHistory } from '../../../commands/job-history';
import type { JobCommands, ScheduleRequest } from '../../../commands/job-commands';
import type { OperationAnswer } from '../../../commands/operations/operation-answers';
import { webhooksInMemory } from './webhooks-in-memory';
import type { ScheduleAnswer } from '../../../commands/schedules/schedule-answers';
import type { BulkOperations } from '../../../api/routes/bulk-operations/deps';
import type { Schedules } from '../../../api/routes/schedules/deps';
import { calendarsBy } from '../../../domain/schedule/calendars';
import type { KnownJob } from '../../../domain/job/state';
import { viewOf, type JobView } from '../../../domain/job/view';
import { noShares } from '../../../domain/shares/shares';
import { hmacSigner } from '../../../infra/signer';
import { uuids } from '../../../infra/ids';
import { pinnedZones } from '../../../infra/tzdata/pinned';
import type { JobFilter } from '../../../domain/job/filter';
import type { PastJobs } from '../../../projections/queries/past/jobs-as-of';
import type { StatusChange } from '../../../domain/job/status-change';

export const NOW = Date.parse('2026-11-23T10:00:00.000Z');
export const DUE = '2026-11-23T11:00:00.000Z';

/** Keys by what their holders may do. */
export const keys = {
  alice: 'key-of-alice',
  bob: 'key-of-bob',
  operator: 'key-of-the-operator',
  executor: 'key-of-an-executor',
} as const;

export const bearer = (key: string): string => `Bearer ${key}`;

export const jobOf = (ownerId: string, request?: ScheduleRequest): KnownJob => ({
  status: 'scheduled',
  definition: {
    ownerId,
    name: 'nightly report',
    location: 'https://example.com/run',
    queue: 'default',
    timeoutMs: 60_000,
    retry: { maxAttempts: 3, initialDelayMs: 1_000, maxDelayMs: 3_600_000, factor: 2 },
    cutoffMs: 0,
    tags: [],
    ...request?.definition,
  },
  dueAt: request?.dueAt ?? Date.parse(DUE),
  attempt: 1,
  revision: 0n,
  scheduledAt: NOW,
});

export const accepted = (job: KnownJob, more: Partial<JobAccepted> = {}): JobAnswer => ({
  outcome: 'accepted',
  jobId: randomUUID(),
  job,
  revision: job.revision,
  position: 4711n,
  isReplay: false,
  ...more,
});

type Call = { readonly command: keyof JobCommands; readonly args: readonly unknown[] };

/** Commands that note what they were asked and answer as told. */
export const fakeCommands = (
  answer: (call: Call) => Promise<JobAnswer> = ({ command, args }) => {
    if (command !== 'schedule') return Promise.resolve(accepted(jobOf('alice')));
    // the first argument of schedule is its request
    return Promise.resolve(accepted(jobOf('alice', args[0] as ScheduleRequest)));
  },
) => {
  const calls: Call[] = [];
  const asked =
    (command: keyof JobCommands) =>
    (...args: readonly unknown[]): Promise<JobAnswer> => {
      calls.push({ command, args });
      return answer({ command, args });
    };
  const commands: JobCommands = {
    schedule: asked('schedule'),
    scheduledBefore: () => Promise.resolve(undefined),
    reschedule: asked('reschedule'),
    cancel: asked('cancel'),
    runNow: asked('runNow'),
    abort: asked('abort'),
    redrive: asked('redrive'),
  };
  return { commands, calls };
};

/** What the log says of a job: nothing, unless told. */
export const fakeHistory = (given: Partial<JobHistory> = {}): JobHistory => ({
  events: () => Promise.resolve(undefined),
  state: () => Promise.resolve(undefined),
  stateAsOf: () => Promise.resolve(undefined),
  story: () => Promise.resolve(undefined),
  ...given,
});

/** Nobody has schedules, and none can be made, unless told. */
export const fakeSchedules = (given: Partial<Schedules> = {}): Schedules => {
  const no = (): Promise<ScheduleAnswer> =>
    Promise.resolve({ outcome: 'rejected', rejection: { code: 'schedule-not-found' } });
  return {
    commands: {
      ...{ create: no, change: no, pause: no, resume: no, remove: no, trigger: no, backfill: no },
      ...{ moveOccurrence: no, cancelOccurrence: no },
      createdBefore: () => Promise.resolve(undefined),
      load: () => Promise.resolve({ status: 'none' }),
    },
    history: { events: () => Promise.resolve(undefined), story: () => Promise.resolve(undefined) },
    asOf: () => Promise.resolve({ outcome: 'none' }),
    known: { find: () => Promise.resolve(undefined) },
    list: () => Promise.resolve({ items: [] }),
    pastList: () => Promise.resolve({ items: [] }),
    countLiving: () => Promise.resolve(0),
    occurrences: () => Promise.resolve({ items: [] }),
    plannedRuns: () => Promise.resolve({ buckets: [], isComplete: true }),
    calendars: calendarsBy(pinnedZones),
    zones: pinnedZones,
    share: (_principalId, work) => ({ value: work() }),
    ...given,
  };
};

/** Nobody has operations, and none can be started, unless told. */
export const fakeBulkOperations = (given: Partial<BulkOperations> = {}): BulkOperations => {
  const no = (): Promise<OperationAnswer> =>
    Promise.resolve({ outcome: 'rejected', rejection: { code: 'operation-not-found' } });
  return {
    commands: {
      ...{ start: no, stop: no, undo: no },
      startedBefore: () => Promise.resolve(undefined),
      load: () => Promise.resolve({ status: 'none' }),
    },
    known: { find: () => Promise.resolve(undefined) },
    list: () => Promise.resolve({ items: [] }),
    countOpen: () => Promise.resolve(0),
    items: () => Promise.resolve({ items: [] }),
    asOf: () => Promise.resolve({ outcome: 'none' }),
    pastItems: () => Promise.resolve({ outcome: 'none' }),
    pastList: () => Promise.resolve({ items: [] }),
    preview: {
      count: () => Promise.resolve(0),
      preview: () => Promise.resolve({ count: 0, sample: [], others: [], isComplete: true }),
    },
    ...given,
  };
};

/** A status feed that tests write to. */
export const fakeFeed = (oldestKept?: bigint) => {
  const kept: StatusChange[] = [];
  const changed$ = new Subject<void>();
  let queries = 0;
  return {
    changed$,
    queries: () => queries,
    tell: (position: bigint, ownerId: string, jobId: string = randomUUID()): void => {
      kept.push({
        position,
        jobId,
        ownerId,
        name: 'nightly report',
        status: 'queued',
        revision: 1,
        attempt: 1,
        dueAt: DUE,
        at: DUE,
      });
      changed$.next();
    },
    feed: {
      after: async (position: bigint, ownerId: string | undefined, limit: number) => {
        queries += 1;
        await new Promise((resolve) => setImmediate(resolve)); // a database lets sockets drain meanwhile
        const found: StatusChange[] = [];
        for (const one of kept) {
          if (found.length === limit) break;
          if (one.position <= position) continue;
          if (ownerId === undefined || one.ownerId === ownerId) found.push(one);
        }
        return found;
      },
      head: () => Promise.resolve(kept.at(-1)?.position ?? -1n),
      oldest: () => Promise.resolve(oldestKept ?? kept[0]?.position),
    },
  };
};

const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

export type Fakes = Partial<ApiDeps> & { readonly views?: readonly JobView[] };

/** Nothing had happened yet. */
export const noPast: PastJobs = {
  list: () => Promise.resolve({ items: [] }),
  counts: () => Promise.resolve({}),
  deadLetters: () => Promise.resolve({ causes: [], isComplete: true }),
  differences: () =>
    Promise.resolve({
      counts: { appeared: 0, left: 0, 'status-changed': 0, moved: 0 },
      items: [],
    }),
};

/** The API over fakes; what a test does not give is a quiet default. */
export const apiUnderTest = (given: Fakes = {}): Api => {
  const { views = [], ...deps } = given;
  const clock = given.clock ?? { now: () => NOW };
  const apiKeys = [
    { keyDigest: digestOfKey(keys.alice), principalId: 'alice', role: 'user' as const },
    { keyDigest: digestOfKey(keys.bob), principalId: 'bob', role: 'user' as const },
    { keyDigest: digestOfKey(keys.operator), principalId: 'olga', role: 'operator' as const },
    { keyDigest: digestOfKey(keys.executor), principalId: 'exec-1', role: 'executor' as const },
  ];
  const { feed, changed$ } = fakeFeed();
  const signer = hmacSigner('sixteen bytes are enough');
  const ofBrowsers = sessions({ signer, clock, apiKeys });
  return createApp({
    commands: fakeCommands().commands,
    history: fakeHistory(),
    pastJobs: noPast,
    jobs: {
      one: (jobId) => Promise.resolve(views.find((view) => view.jobId === jobId)),
      list: ({ ownerId }: JobFilter) =>
        Promise.resolve({
          items: views.filter((view) => ownerId === undefined || view.ownerId === ownerId),
        }),
      countPending: () => Promise.resolve(0),
    },
    schedules: fakeSchedules(),
    bulkOperations: fakeBulkOperations(),
    webhooks: webhooksInMemory(clock),
    shares: {
      current: () => Promise.resolve({ shares: noShares }),
      set: (shares) => Promise.resolve({ outcome: 'accepted', shares, revision: 0n }),
    },
    queues: {
      states: { list: () => Promise.resolve({ queues: [], isBacklogCut: false }) },
      limits: () => Promise.resolve(() => ({})),
    },
    system: {
      state: () =>
        Promise.resolve({
          processes: [],
          skewsMs: {},
          dispatchers: [],
          slots: { all: 256, unheld: 256 },
          executors: { count: 0, items: [] },
          parkedStreams: { count: 0, items: [] },
        }),
      verification: () => Promise.resolve(undefined),
      versions: () => Promise.resolve({}),
      lag: () => undefined,
      seal: () => Promise.resolve(undefined),
    },
    forecast: () => Promise.resolve({ buckets: [] }),
    lateness: () => Promise.resolve([]),
    deadLetters: () => Promise.resolve({ causes: [], isComplete: true }),
    crowding: { toldTo: () => ({ add: () => undefined, at: () => undefined }) },
    freshness: {
      waitFor: () => Promise.resolve(true),
      position: () => undefined,
      lag: () => ({ events: 0, ms: 0 }),
    },
    statusFeed: feed,
    statusChanged$: changed$,
    countJobs: () => Promise.resolve({ counts: { scheduled: views.length }, isComplete: true }),
    authenticate: authenticator({ apiKeys, findSession: ofBrowsers.find }, clock),
    sessions: ofBrowsers,
    signer,
    consoleFolder: join(__dirname, 'no-console'),
    publicUrl: undefined,
    corsOrigins: [],
    limits: {
      requests: { kind: 'unlimited' },
      pendingJobs: { kind: 'unlimited' },
      schedulesPerOwner: { kind: 'unlimited' },
      openOperations: { kind: 'unlimited' },
      webhooksPerOwner: { kind: 'unlimited' },
      liveStreams: 3,
      allowPrivateTargets: false,
      locationSchemes: ['https', 'http', 's3', 'gs', 'print'],
    },
    queuesOf: () => 'any',
    runTool: () => Promise.resolve(0),
    recordVerification: () => Promise.resolve(),
    readiness: () => Promise.resolve({ conditions: [], checks: { log: 'ok' } }),
    metrics: { contentType: 'text/plain; version=0.0.4', text: () => Promise.resolve('up 1\n') },
    metricsAccess: 'loopback',
    observe: () => undefined,
    isOutage: () => false,
    requestDeadlineMs: 5_000,
    clock,
    ids: uuids,
    logger: silent,
    ...deps,
  });
};

export const viewFor = (ownerId: string, jobId: string = randomUUID()): JobView =>
  viewOf(jobId, jobOf(ownerId));

/** A body that is right: tests break one thing of it. */
export const rightBody = {
  name: 'nightly report',
  dueAt: DUE,
  location: 'https://example.com/run',
} as const;

/** Listens on a free port of this machine. */
export const listening = async (
  api: Api,
): Promise<{
  readonly url: string;
  readonly port: number;
  readonly close: () => Promise<void>;
}> => {
  const server = await new Promise<Server>((resolve) => {
    const started = api.app.listen(0, '127.0.0.1', () => resolve(started));
  });
  const { port } = server.address() as AddressInfo; // it listens on a port
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    close: () =>
      new Promise((resolve) => {
        api.closeLiveStreams();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

type Told = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly body: unknown;
};

/** What supertest heard, with a body that still has to be looked at. */
export const told = (heard: Told): Told => heard;
