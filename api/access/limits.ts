import { forecastSpanMs } from '../../domain/forecast';
import { LATENESS_KEPT_MS, latenessSpanMs } from '../../domain/lateness';
import { MAX_ERROR_CODE_LENGTH, MAX_SEARCH_LENGTH, MAX_TAG_LENGTH } from '../../domain/job/limits';
import { MAX_ITEMS, MAX_MOVE_MS, MAX_NAMED_JOBS } from '../../domain/operation/limits';
import { MAX_BACKFILLED, MAX_EXCEPTIONS } from '../../domain/schedule/limits';
import { TIMING_LIMITS } from '../../domain/schedule/timing/definition';
import { MAX_JSON_LEVELS } from '../../domain/json/strict-json';

/** What a request may hold; told by GET /v1/limits and in the OpenAPI description. */
export const LIMITS = {
  bodyBytes: 256 * 1024,
  batchBodyBytes: 4 * 1024 * 1024,
  batchJobs: 1_000,
  /** Of the payload as canonical JSON. */
  payloadBytes: 64 * 1024,
  nestingLevels: MAX_JSON_LEVELS,
  nameLength: 200,
  locationLength: 2_048,
  reasonLength: 500,
  tags: 20,
  tagLength: MAX_TAG_LENGTH,
  searchLength: MAX_SEARCH_LENGTH,
  errorCodeLength: MAX_ERROR_CODE_LENGTH,
  timeoutMs: 24 * 60 * 60_000,
  cutoffMs: 60 * 60_000,
  maxLatenessMs: 366 * 24 * 60 * 60_000,
  maxAttempts: 100,
  retryDelayMs: 24 * 60 * 60_000,
  retryFactor: 10,
  pageLimit: 200,
  defaultPageLimit: 50,
  /** Jobs that a count looks at. */
  countedJobs: 10_000,
  /** Of the document of shares. */
  shares: {
    queues: 1_000,
    owners: 5_000,
    maxRunning: 1_000_000,
    ratePerSecond: 100_000,
    weight: 100,
  },
  /** Of schedules. */
  schedules: {
    cronLength: TIMING_LIMITS.cronLength,
    rruleLength: TIMING_LIMITS.rruleLength,
    everyLength: TIMING_LIMITS.everyLength,
    listedDates: TIMING_LIMITS.listedDates,
    excludedDays: TIMING_LIMITS.excludedDays,
    maxCount: TIMING_LIMITS.maxCount,
    timeZoneLength: 100,
    spreadMs: 24 * 60 * 60_000,
    /** Runs that `fire-all` catches up with. */
    fireAll: MAX_BACKFILLED,
    backfilled: MAX_BACKFILLED,
    /** From the first to the last instant of a backfill. */
    backfillSpanMs: 10 * 366 * 24 * 60 * 60_000,
    /** Occurrences of one schedule that are moved or cancelled ahead of their time. */
    changedOccurrences: MAX_EXCEPTIONS,
    previewed: 100,
    /** Told with each schedule. */
    upcoming: 5,
  },
  /** Of operations. */
  operations: {
    /** Jobs that one may change. */
    items: MAX_ITEMS,
    /** Jobs that may be named one by one. */
    jobIds: MAX_NAMED_JOBS,
    moveMs: MAX_MOVE_MS,
    /** Jobs that a dry run shows. */
    sample: 10,
  },
  /** Of dead letters by cause. */
  deadLetters: {
    /** Error codes and queues that are told. */
    causes: 200,
    /** Jobs that are counted, of all causes together. */
    counted: 50_000,
  },
  /** Of webhooks. */
  webhooks: {
    /** Queues or tags that one is narrowed to. */
    filters: 20,
    /** How long the secret of before may sign as well. */
    previousValidMs: 7 * 24 * 60 * 60_000,
    previousValidPresetMs: 24 * 60 * 60_000,
  },
  /** Of a list of queues. */
  queuesTold: 1_000,
  /** Executors, and parked streams, that are told of the system. */
  systemTold: 200,
  /** The longest window of a forecast, by its step. */
  forecastSpanMs,
  /** On a page of a forecast. */
  forecastBuckets: 10_000,
  /** The longest window of lateness, by its step. */
  latenessSpanMs,
  /** How long lateness is kept. */
  latenessKeptMs: LATENESS_KEPT_MS,
} as const;

/** "No limit" is a word, not a number. */
export type Limit<More extends object = object> =
  | { readonly kind: 'unlimited' }
  | ({ readonly kind: 'limited'; readonly max: number } & More);

/** The queues that an owner may use; `any` unless set otherwise. */
export type QueuesOf = (ownerId: string) => readonly string[] | 'any';

/** What an operator sets. */
export type ApiLimits = {
  /** Requests of one principal. */
  readonly requests: Limit<{ readonly windowMs: number }>;
  /** Jobs of one owner that are scheduled, queued or running. */
  readonly pendingJobs: Limit;
  /** Schedules of one owner that are not deleted. */
  readonly schedulesPerOwner: Limit;
  /** Operations of one owner that have not come to an end. */
  readonly openOperations: Limit;
  /** Webhooks of one owner that are not deleted. */
  readonly webhooksPerOwner: Limit;
  /** Live connections of one principal. */
  readonly liveStreams: number;
  /** Locations at loopback, private and link-local addresses: for one's own machine and tests. */
  readonly allowPrivateTargets: boolean;
  /** Schemes that a location may have, in lower case. */
  readonly locationSchemes: readonly string[];
};

/** What a location must keep to beyond its form. */
export type LocationRules = Pick<ApiLimits, 'allowPrivateTargets' | 'locationSchemes'>;
