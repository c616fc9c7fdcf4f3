import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type StoredEvent } from '../../../../domain/events/catalog';
import { decodeJobEvent } from '../../../../domain/job/stored-event';
import { currentVersion } from '../../../../domain/events/upcast';
import { type JobEvent, type JobEventType, jobEventTypeNames } from '../../../../domain/job/events';
import { evolve } from '../../../../domain/job/evolve';
import { readSharesEvent } from '../../../../domain/shares/events';
import { readSystemEvent } from '../../../../domain/system/events';
import { eventFixtures, type EventFixture } from '../../../support/event-fixtures';
import {
  attemptFailed,
  dispatched,
  failed,
  scheduled,
  started,
  stateAfter,
} from '../../../support/jobs';

const ran = [scheduled(), dispatched(), started()];

/** A history after which the event may come. */
const histories: Readonly<Record<JobEventType, readonly JobEvent[]>> = {
  JobScheduled: [],
  JobRescheduled: [scheduled()],
  JobCancelled: [scheduled()],
  JobDispatched: [scheduled()],
  JobRedispatched: [scheduled(), dispatched()],
  JobStarted: [scheduled(), dispatched()],
  JobSucceeded: ran,
  JobAttemptFailed: ran,
  JobFailed: [...ran, attemptFailed(1)],
  JobExpired: [scheduled()],
  JobRedriven: [...ran, attemptFailed(1), failed],
  JobAbortRequested: ran,
  JobAborted: [...ran, { type: 'JobAbortRequested', data: {} }],
};

/** What each fixture reads as, and the job after it. */
const readings = JSON.parse(
  readFileSync(join(__dirname, '../../../fixtures/event-readings.json'), 'utf8'),
) as Readonly<Record<string, unknown>>; // a file of ours

const readingOfJob = ({ type, stored }: EventFixture): unknown => {
  const past = histories[type as JobEventType]; // each folder is named for a type: a test below says so
  const fact = decodeJobEvent({ ...stored, revision: BigInt(past.length) });
  return { event: fact, job: evolve(stateAfter(...past), fact) };
};

/** Events of streams that are no job's. */
const readers: Readonly<Record<string, (stored: StoredEvent) => unknown>> = {
  SharesSet: readSharesEvent,
  SystemFounded: readSystemEvent,
};

const readingOf = (fixture: EventFixture): unknown => {
  const read = readers[fixture.type];
  const reading = read
    ? { event: read({ ...fixture.stored, revision: 0n }) }
    : readingOfJob(fixture);
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
  const versions = [...jobEventTypeNames, ...Object.keys(readers)].flatMap((type) =>
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
