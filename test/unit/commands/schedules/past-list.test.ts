import { pastScheduleList } from '../../../../commands/schedules/past-list';
import { scheduleAsOf } from '../../../../commands/schedules/schedule-as-of';
import type { RecordedEvent } from '../../../../domain/event-log';
import { scheduleStream, type Ids } from '../../../../domain/ids';
import type { ScheduleFilter } from '../../../../domain/schedule/filter';
import { toTimestamp } from '../../../../domain/time';
import { uuids } from '../../../../infra/ids';
import { memoryEventLog } from '../../../../infra/memory/event-log';
import { at, definition, HOUR, MINUTE } from '../../../support/schedules';

// lists of schedules of the past: when each was made is known, all else is folded from the log

const ids: Ids = uuids;
const ada = { kind: 'user', id: definition.ownerId } as const;
const START = at('08:00');
const going = new AbortController().signal;

type Told = { readonly type: string; readonly data: object };

const { log } = memoryEventLog();
const scheduleIds: string[] = [];

const append = async (scheduleId: string, told: readonly (Told & { readonly at: number })[]) => {
  for (const [revision, { type, data, at: time }] of told.entries())
    await log.append(
      scheduleStream(scheduleId),
      [
        {
          ...{ id: ids.next(), type, data },
          metadata: {
            $correlationId: scheduleId,
            $causationId: scheduleId,
            commandId: ids.next(),
            actor: ada,
            at: toTimestamp(time),
            schemaVersion: 1,
          },
        },
      ],
      revision === 0 ? 'no-stream' : BigInt(revision - 1),
    );
};

/** Schedule n is made n minutes after the start, paused an hour later and deleted after another one. */
const COUNT = 70;
beforeAll(async () => {
  for (let n = 0; n < COUNT; n += 1) {
    const scheduleId = ids.next();
    const made = START + n * MINUTE;
    const created = { ...definition, name: `Report ${n}`, offsetMs: 0 };
    await append(scheduleId, [
      { type: 'ScheduleCreated', data: created, at: made },
      { type: 'SchedulePaused', data: {}, at: made + HOUR },
      { type: 'ScheduleDeleted', data: {}, at: made + 2 * HOUR },
    ]);
    scheduleIds.push(scheduleId);
  }
});

const listOn = (read: typeof log.read = log.read) => {
  let reads = 0;
  const list = pastScheduleList({
    made: (_which, { limit, after }) => {
      const keys = scheduleIds
        .map((scheduleId, n) => ({ scheduleId, createdAt: START + n * MINUTE }))
        .reverse()
        .filter(({ createdAt }) => !after || createdAt < after.createdAt);
      return Promise.resolve(keys.slice(0, limit));
    },
    asOf: (...asked) => {
      reads += 1;
      return scheduleAsOf({ ...log, read }, ...asked, () => Promise.resolve(ada.id));
    },
    havingPart: (names, part) =>
      Promise.resolve(new Set(names.filter((name) => name.toLowerCase().includes(part)))),
  });
  return { list, reads: () => reads };
};
const then = (time: number) => ({ kind: 'time', at: time }) as const;
const namesAt = async (time: number, filter: ScheduleFilter = {}, list = listOn().list) =>
  (await list({ asOf: then(time), actor: ada, filter, signal: going })).items.map(
    ({ name }) => name,
  );

test('what was made later is not there, and each is as it was', async () => {
  expect(await namesAt(START - 1)).toEqual([]);
  expect(await namesAt(START + 2 * MINUTE)).toEqual(['Report 2', 'Report 1', 'Report 0']);
  const atOne = START + HOUR + MINUTE;
  expect(await namesAt(atOne, { status: ['paused'] })).toEqual(['Report 1', 'Report 0']);
  expect((await namesAt(atOne, { status: ['active'] })).at(-1)).toBe('Report 2');
  expect(await namesAt(START + 2 * HOUR, { status: ['deleted'] })).toEqual(['Report 0']);
  expect((await namesAt(START + 2 * HOUR)).at(-1)).toBe('Report 1');
});

test('a part of the name counts as it was called then', async () => {
  expect(await namesAt(START + HOUR, { q: 'report 6' })).toEqual(['Report 60', 'Report 6']);
});

test('pages follow each other through one past, and no more streams are read than a page needs', async () => {
  const { list, reads } = listOn();
  const asked = { asOf: then(START + HOUR), actor: ada, filter: {}, limit: 10, signal: going };
  const first = await list(asked);
  expect(first.items[0]?.name).toBe('Report 60');
  expect(reads()).toBeLessThan(20);
  const second = await list({ ...asked, ...(first.next && { after: first.next }) });
  expect(second.items[0]?.name).toBe('Report 50');
  const all = await list({ ...asked, limit: 61 });
  expect(all.items).toHaveLength(61);
  expect(all.next).toBeUndefined();
});

test('a position of the log is a moment as well', async () => {
  const [made] = await log.read(scheduleStream(scheduleIds[1] ?? ''), 0n, 1);
  const { items } = await listOn().list({
    asOf: { kind: 'position', position: made?.position ?? 0n },
    ...{ actor: ada, filter: {}, signal: going },
  });
  const found = items.map(({ name, status }) => [name, status]);
  expect(found).toEqual([['Report 1', 'active']]); // the one before it was deleted already
});

test('one that an administrator has truncated is left out, and holds up no other', async () => {
  const cut = scheduleStream(scheduleIds[1] ?? '');
  const read: typeof log.read = async (stream, ...part) => {
    const events: readonly RecordedEvent[] = await log.read(stream, ...part);
    return stream === cut ? events.filter(({ revision }) => revision > 0n) : events;
  };
  const { list } = listOn(read);
  const later = START + HOUR + MINUTE;
  expect(await namesAt(later, { status: ['paused'] }, list)).toEqual(['Report 0']);
});

test('a list that nobody waits for any more ends', async () => {
  const stopped = AbortSignal.abort(new Error('too late'));
  const asked = { asOf: then(START + HOUR), actor: ada, filter: {}, signal: stopped };
  await expect(listOn().list(asked)).rejects.toThrow('too late');
});
