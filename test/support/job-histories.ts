import fc from 'fast-check';
import type { RecordedEvent } from '../../domain/event-log';
import { jobStream } from '../../domain/ids';
import type { JobCommand } from '../../domain/job/commands';
import { decide } from '../../domain/job/decide';
import type { JobDefinition, Json } from '../../domain/job/definition';
import { initial, type JobState } from '../../domain/job/state';
import { evolve } from '../../domain/job/evolve';
import { toTimestamp, type Instant } from '../../domain/time';
import { definition, EPOCH } from './jobs';

/** A choice without a meaning of its own: what it does depends on what the job allows. */
type Choice = {
  readonly job: number;
  readonly pick: number;
  readonly delayMs: number;
  readonly definition: JobDefinition;
  readonly json: Json | undefined;
};

const DAY_MS = 24 * 3_600_000;

/** Backslashes, quotes, braces and commas: what arrays, JSON and SQL give a meaning to. */
const awkwardText = fc.oneof(
  fc.constantFrom(
    'NULL',
    'null',
    '',
    '{}',
    '"',
    '\\',
    "o'clock",
    'a,b',
    '{"a":1}',
    'ä€😀',
    '100%_\\',
  ),
  fc.string({ maxLength: 12 }).map((text) => text.replaceAll('\0', '')),
);

const json = fc.option(
  fc.oneof(fc.constant(null), fc.jsonValue({ maxDepth: 2 })).map((value) => value as Json), // what jsonValue gives is JSON
  { nil: undefined },
);

const definitions: fc.Arbitrary<JobDefinition> = fc
  .record({
    ownerId: fc.constantFrom('ada', 'bob', "o'hara"),
    name: awkwardText,
    location: awkwardText,
    queue: fc.constantFrom('default', 'mail'),
    tags: fc.array(awkwardText, { maxLength: 3 }),
    payload: json,
    maxLatenessMs: fc.option(fc.integer({ min: 0, max: 60_000 }), { nil: undefined }),
    scheduleId: fc.option(fc.constant('weekly'), { nil: undefined }),
  })
  .map(({ payload, maxLatenessMs, scheduleId, ...rest }) => ({
    ...definition,
    ...rest,
    ...(payload !== undefined && { payload }),
    ...(maxLatenessMs !== undefined && { maxLatenessMs }),
    ...(scheduleId !== undefined && { scheduleId }),
  }));

const choices: fc.Arbitrary<Choice> = fc.record({
  job: fc.integer({ min: 0, max: 3 }),
  pick: fc.nat({ max: 1_000 }),
  delayMs: fc.oneof(
    fc.integer({ min: 0, max: 60_000 }),
    fc.integer({ min: DAY_MS, max: 360 * DAY_MS }),
  ),
  definition: definitions,
  json,
});

/** Ends that would leave little to tell are taken seldom. */
const rare = <A, B>({ delayMs }: Choice, end: A, other: B): A | B =>
  delayMs % 4 === 0 ? end : other;

/** What may be done to a job as it is. Some of it is refused all the same, which is fine. */
const options = (state: JobState, choice: Choice, at: Instant): readonly JobCommand[] => {
  const dueAt = at + choice.delayMs;
  const failed = { status: 'failed', error: { code: 'boom', message: 'it "broke"' } } as const;
  const draw = 0.5;
  switch (state.status) {
    case 'none':
      return [{ type: 'ScheduleJob', at, definition: choice.definition, dueAt }];
    case 'scheduled': {
      const { attempt } = state;
      const later = Math.max(at, state.dueAt);
      const dispatch = { type: 'DispatchJob', at: later, attempt, dueAt: state.dueAt } as const;
      return [
        ...[dispatch, dispatch, dispatch, dispatch, dispatch, dispatch],
        { type: 'RescheduleJob', at, dueAt },
        { type: 'RescheduleJob', at, dueAt: at - 1_000 },
        { type: 'RunJobNow', at },
        { type: rare(choice, 'CancelJob', 'RunJobNow'), at },
        { type: rare(choice, 'ExpireJob', 'RunJobNow'), at: later + 60_001 },
      ];
    }
    case 'queued': {
      const { attempt, delivery, dispatchedAtRevision: revision } = state;
      const claim = { type: 'ClaimJob', at, attempt, revision, executorId: 'x,"1' } as const;
      return [
        ...[claim, claim, claim, claim, claim, claim],
        { type: 'RedispatchJob', at, attempt, delivery, draw },
        { type: rare(choice, 'FailDelivery', 'RunJobNow'), at, attempt, error: failed.error, draw },
        { type: 'RescheduleJob', at, dueAt },
        { type: rare(choice, 'CancelJob', 'RunJobNow'), at },
        { type: rare(choice, 'ExpireJob', 'RunJobNow'), at: at + 60_001 },
      ];
    }
    case 'running': {
      const { attempt, token, executorId, startedAt } = state;
      const report = { type: 'ReportAttempt', at, attempt, token, draw } as const;
      const result = choice.json;
      return [
        { ...report, outcome: { status: 'succeeded', ...(result !== undefined && { result }) } },
        { ...report, outcome: { status: 'succeeded', ...(result !== undefined && { result }) } },
        ...[failed, failed, failed].map((outcome) => ({ ...report, outcome })),
        { ...report, outcome: { ...failed, retryable: false } },
        { ...report, outcome: { status: 'aborted' } },
        { type: 'AbortJob', at },
        {
          type: 'TimeOutAttempt',
          at: startedAt,
          seenMs: state.definition.timeoutMs,
          attempt,
          draw,
        },
        { type: 'LoseExecutor', at, attempt, executorId, draw },
      ];
    }
    case 'failed':
      return [{ type: 'RedriveJob', at }];
    case 'succeeded':
    case 'cancelled':
    case 'expired':
    case 'aborted':
      return [];
  }
};

export const testJobId = (n: number): string =>
  `019ab000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;

const metadata = (at: Instant) => ({
  $correlationId: 'c',
  $causationId: 'c',
  commandId: 'c',
  actor: { kind: 'user', id: 'ada' },
  at: toTimestamp(at),
  schemaVersion: 1,
});

/** An event as the log gives it back. */
export const recorded = (
  jobId: string,
  revision: bigint,
  position: bigint,
  event: { readonly type: string; readonly data: object },
  at: Instant = EPOCH,
): RecordedEvent => ({
  id: `${jobId}/${String(revision)}`,
  stream: jobStream(jobId),
  type: event.type,
  data: JSON.parse(JSON.stringify(event.data)) as unknown,
  metadata: metadata(at),
  revision,
  position,
});

const historyOf = (made: readonly Choice[]): readonly RecordedEvent[] => {
  const states = new Map<number, JobState>();
  const events: RecordedEvent[] = [];
  let now = EPOCH;
  for (const choice of made) {
    now += 1_000;
    let state = states.get(choice.job) ?? initial;
    const all = options(state, choice, now);
    const command = all[choice.pick % Math.max(1, all.length)];
    if (!command) continue;
    const decision = decide(command, state);
    if (decision.outcome === 'rejected') continue;
    for (const event of decision.events) {
      const revision = state.status === 'none' ? 0n : state.revision + 1n;
      const position = BigInt(events.length * 100);
      events.push(recorded(testJobId(choice.job), revision, position, event, command.at));
      state = evolve(state, { ...event, at: command.at, revision });
    }
    states.set(choice.job, state);
  }
  return events;
};

/** What the log may hold: histories of a few jobs, interleaved, each event decided by the domain. */
export const histories = fc
  .array(choices, { minLength: 20, maxLength: 90, size: 'max' })
  .map(historyOf);
