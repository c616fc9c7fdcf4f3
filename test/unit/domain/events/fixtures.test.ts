import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TraceStatus } from '../../../../domain/audit/job-trace';
import type { StoredEvent } from '../../../../domain/events/catalog';
import { decodeJobEvent } from '../../../../domain/job/stored-event';
import { currentVersion } from '../../../../domain/events/upcast';
import {
  isJobEventType,
  jobEventTypes,
  kindOf,
  type JobEvent,
} from '../../../../domain/job/events';
import { evolve } from '../../../../domain/job/evolve';
import { schedule } from '../../../../domain/schedule/decide';
import {
  isScheduleEventType,
  scheduleEventTypes,
  scheduleKindOf,
  type ScheduleFact,
} from '../../../../domain/schedule/events';
import { decodeScheduleEvent } from '../../../../domain/schedule/stored-event';
import { operation } from '../../../../domain/operation/decide';
import {
  isOperationEventType,
  operationEventTypes,
  operationKindOf,
  type OperationFact,
} from '../../../../domain/operation/events';
import { decodeOperationEvent } from '../../../../domain/operation/stored-event';
import { readSharesEvent } from '../../../../domain/shares/events';
import { readSystemEvent } from '../../../../domain/system/events';
import { readVerification } from '../../../../domain/system/verification';
import { webhook } from '../../../../domain/webhook/decide';
import {
  isWebhookLogType,
  webhookKindOf,
  webhookLogTypes,
  type WebhookFact,
} from '../../../../domain/webhook/events';
import { decodeWebhookEvent } from '../../../../domain/webhook/stored-event';
import { eventFixtures, type EventFixture } from '../../../support/event-fixtures';
import {
  attemptFailed,
  dispatched,
  failed,
  scheduled,
  started,
  stateAfter,
} from '../../../support/jobs';
import * as schedules from '../../../support/schedules';

const ran = [scheduled(), dispatched(), started()];

/** The shortest history to each status that an event may come in. */
const histories: Readonly<Partial<Record<TraceStatus, readonly JobEvent[]>>> = {
  none: [],
  scheduled: [scheduled()],
  queued: [scheduled(), dispatched()],
  running: ran,
  'attempt-ended': [...ran, attemptFailed(1)],
  failed: [...ran, attemptFailed(1), failed],
};
const abortRequested: JobEvent = { type: 'JobAbortRequested', data: {} };

const historyOf = (type: string): readonly JobEvent[] => {
  if (!isJobEventType(type)) throw new Error(`${type} is no job event`);
  if (type === 'JobAborted') return [...ran, abortRequested]; // as it is read in its fixture
  const [status = 'none'] = kindOf(type).lawfulIn;
  return histories[status] ?? [];
};

/** What each fixture reads as, and the job after it. */
const readings = JSON.parse(
  readFileSync(join(__dirname, '../../../fixtures/event-readings.json'), 'utf8'),
) as Readonly<Record<string, unknown>>; // a file of ours

const readingOfJob = ({ type, stored }: EventFixture): unknown => {
  const past = historyOf(type);
  const fact = decodeJobEvent({ ...stored, revision: BigInt(past.length) });
  return { event: fact, job: evolve(stateAfter(...past), fact) };
};

const CREATED_AT = Date.parse('2026-11-23T12:00:00.000Z');
const creation: ScheduleFact = {
  ...{ type: 'ScheduleCreated', data: { ...schedules.definition, offsetMs: 0 } },
  ...{ at: CREATED_AT, revision: 0n },
};
const pause: ScheduleFact = {
  ...{ type: 'SchedulePaused', data: {}, at: CREATED_AT, revision: 1n },
};

/** As it is read in its fixture: after a history in which it may come. */
const readingOfSchedule = ({ type, stored }: EventFixture): unknown => {
  if (!isScheduleEventType(type)) throw new Error(`${type} is no event of a schedule`);
  const { lawfulIn } = scheduleKindOf(type);
  const past = lawfulIn.includes('none')
    ? []
    : [creation, ...(lawfulIn.includes('active') ? [] : [pause])];
  const fact = decodeScheduleEvent({ ...stored, revision: BigInt(past.length) });
  return { event: fact, schedule: [...past, fact].reduce(schedule.evolve, schedule.initial) };
};

/** The shortest history to each status that an event of an operation may come in. */
const operationHistories: Readonly<Record<string, readonly OperationFact[]>> = {
  none: [],
  selecting: [
    {
      type: 'OperationStarted',
      data: { ownerId: 'ada', role: 'user', kind: 'cancel', selection: { by: 'ids' } },
      ...{ at: CREATED_AT, revision: 0n },
    },
  ],
};
const selectionCompleted: OperationFact = {
  ...{ type: 'OperationSelectionCompleted', data: { items: 2 }, at: CREATED_AT, revision: 1n },
};

const readingOfOperation = ({ type, stored }: EventFixture): unknown => {
  if (!isOperationEventType(type)) throw new Error(`${type} is no event of an operation`);
  const [status = 'none'] = operationKindOf(type).lawfulIn;
  const past = operationHistories[status] ?? [
    ...(operationHistories['selecting'] ?? []),
    selectionCompleted,
  ];
  const fact = decodeOperationEvent({ ...stored, revision: BigInt(past.length) });
  return { event: fact, operation: [...past, fact].reduce(operation.evolve, operation.initial) };
};

const registration: WebhookFact = {
  type: 'WebhookCreated',
  data: {
    ...{ ownerId: 'ada', url: 'https://example.com/', eventTypes: ['job.failed'] },
    secret: 'v1.c2VhbGVk',
  },
  ...{ at: CREATED_AT, revision: 0n },
};
const turnedOff: WebhookFact = {
  ...{ type: 'WebhookDisabled', data: { reason: 'gone' }, at: CREATED_AT, revision: 1n },
};

const readingOfWebhook = ({ type, stored }: EventFixture): unknown => {
  if (!isWebhookLogType(type)) throw new Error(`${type} is no event of a webhook`);
  const { lawfulIn } = webhookKindOf(type);
  const past = lawfulIn.includes('none')
    ? []
    : [registration, ...(lawfulIn.includes('active') ? [] : [turnedOff])];
  const fact = decodeWebhookEvent({ ...stored, revision: BigInt(past.length) });
  return { event: fact, webhook: [...past, fact].reduce(webhook.evolve, webhook.initial) };
};

const readingOfEvent =
  (read: (stored: StoredEvent) => unknown) =>
  ({ stored }: EventFixture): unknown => ({ event: read({ ...stored, revision: 0n }) });

const typed = (
  types: readonly string[],
  read: (fixture: EventFixture) => unknown,
): readonly (readonly [type: string, read: (fixture: EventFixture) => unknown])[] =>
  types.map((type) => [type, read]);

/** Every type of event that the log holds, and how it is read. */
const readers: ReadonlyMap<string, (fixture: EventFixture) => unknown> = new Map([
  ...typed(jobEventTypes, readingOfJob),
  ...typed(scheduleEventTypes, readingOfSchedule),
  ...typed(operationEventTypes, readingOfOperation),
  ...typed(webhookLogTypes, readingOfWebhook),
  ...typed(['SharesSet'], readingOfEvent(readSharesEvent)),
  ...typed(['SystemFounded'], readingOfEvent(readSystemEvent)),
  ...typed(['LogVerified'], readingOfEvent(readVerification)),
]);

const readingOf = (fixture: EventFixture): unknown => {
  const reading = readers.get(fixture.type)?.(fixture);
  return JSON.parse(
    JSON.stringify(reading, (_key, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    ),
  ) as unknown;
};

test.each(eventFixtures)('$name still reads as it did when it was written', (fixture) => {
  expect(readingOf(fixture)).toEqual(readings[fixture.name]);
});

test('no reading is kept of a fixture that is gone: shapes that were written once stay in logs for ever', () => {
  expect(eventFixtures.map(({ name }) => name).sort()).toEqual(Object.keys(readings).sort());
});

test('every version of every event type has a fixture, so that a new one cannot come without', () => {
  const versions = [...readers.keys()].flatMap((type) =>
    Array.from({ length: currentVersion(type) }, (_, index) => `${type} v${index + 1}`),
  );
  const covered = new Set(eventFixtures.map(({ type, version }) => `${type} v${version}`));
  expect([...covered].sort()).toEqual([...versions].sort());
});

test.each(eventFixtures)('$name is filed under its own type and version', (fixture) => {
  expect(fixture.stored).toMatchObject({
    type: fixture.type,
    metadata: { schemaVersion: fixture.version },
  });
});

const pageRows = readFileSync(join(__dirname, '../../../../docs/events.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split(' | ').map((cell) => cell.replaceAll(/^\| /g, '')));

test('docs/events.md has a row for every version of every event type, and no other', () => {
  const documented = pageRows.map(([type, version]) => `${type ?? ''} v${version ?? ''}`);
  const written = new Set(eventFixtures.map(({ type, version }) => `\`${type}\` v${version}`));
  expect([...documented].sort()).toEqual([...written].sort());
});

test.each(eventFixtures)(
  'docs/events.md names every field of $name',
  ({ type, version, stored }) => {
    const row = pageRows.find(([name, v]) => name === `\`${type}\`` && v === String(version));
    const fields = row?.[3] ?? '';
    for (const field of Object.keys(stored.data as object)) expect(fields).toContain(field);
  },
);
