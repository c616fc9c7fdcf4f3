import { scheduleAsOf } from '../../../../commands/schedules/schedule-as-of';
import { ScheduleUnreadable } from '../../../../commands/schedules/schedule-stream';
import { scheduleStream, type Ids } from '../../../../domain/ids';
import { toTimestamp } from '../../../../domain/time';
import { uuids } from '../../../../infra/ids';
import { memoryEventLog } from '../../../../infra/memory/event-log';
import { at, definition, MINUTE } from '../../../support/schedules';

// the stream of a schedule may have millions of events: it is folded a part at a time

const ids: Ids = uuids;
const scheduleId = ids.next();
const START = at('00:00');
const ada = { kind: 'user', id: definition.ownerId } as const;
const EVENTS = 2_100;

const eventOf = (revision: number) => ({
  id: ids.next(),
  ...(revision === 0
    ? { type: 'ScheduleCreated', data: { ...definition, offsetMs: 0 } }
    : {
        type: 'ScheduleTriggered',
        data: { jobId: ids.next(), dueAt: toTimestamp(START + revision * MINUTE) },
      }),
  metadata: {
    $correlationId: scheduleId,
    $causationId: scheduleId,
    commandId: ids.next(),
    actor: ada,
    at: toTimestamp(START + revision * MINUTE),
    schemaVersion: 1,
  },
});

const longLog = async () => {
  const { log } = memoryEventLog();
  const events = Array.from({ length: EVENTS }, (_, revision) => eventOf(revision));
  await log.append(scheduleStream(scheduleId), events, 'no-stream');
  const parts: (number | undefined)[] = [];
  const counted = {
    ...log,
    read: (...asked: Parameters<typeof log.read>) => {
      parts.push(asked[2]);
      return log.read(...asked);
    },
  };
  return { log: counted, parts };
};
const going = new AbortController().signal;

test.each([0, 999, 1_000, 1_001, 2_099])(
  'as of the time of event %i it is folded up to there, and no further part is read',
  async (revision) => {
    const { log, parts } = await longLog();
    const asOf = { kind: 'time', at: START + revision * MINUTE } as const;
    const past = await scheduleAsOf(log, scheduleId, ada, asOf, going);
    expect(past).toMatchObject({ outcome: 'found', known: { revision: BigInt(revision) } });
    expect(parts).toEqual(Array(Math.floor((revision + 1) / 1_000) + 1).fill(1_000));
  },
);

test('a position stands for the time of the last event before it', async () => {
  const { log } = await longLog();
  const [, second] = await log.read(scheduleStream(scheduleId), 0n, 2);
  const asOf = { kind: 'position', position: second?.position ?? 0n } as const;
  const past = await scheduleAsOf(log, scheduleId, ada, asOf, going);
  expect(past).toMatchObject({ outcome: 'found', at: START + MINUTE });
});

test('what takes too long is told so, what is not there or not theirs is none', async () => {
  const { log } = await longLog();
  const asOf = { kind: 'time', at: START } as const;
  const stopped = AbortSignal.abort();
  expect(await scheduleAsOf(log, scheduleId, ada, asOf, stopped)).toEqual({ outcome: 'too-long' });
  const none = { outcome: 'none' };
  const bob = { kind: 'user', id: 'bob' } as const;
  expect(await scheduleAsOf(log, scheduleId, bob, asOf, going)).toEqual(none);
  expect(await scheduleAsOf(log, ids.next(), ada, asOf, going)).toEqual(none);
  const before = { kind: 'time', at: START - 1 } as const;
  expect(await scheduleAsOf(log, scheduleId, ada, before, going)).toEqual(none);
});

test.each([
  ['whose first events are gone', 2n],
  ['whose events are all gone', 10_000n],
])(
  'one %s cannot be read, at whatever time, which its owner and operators are told and nobody else',
  async (_which, firstRevision) => {
    const { log } = await longLog();
    const cut: typeof log = {
      ...log,
      read: async (...asked) =>
        (await log.read(...asked)).filter(({ revision }) => revision >= firstRevision),
    };
    const owner = () => Promise.resolve(ada.id);
    const at = (time: number) => ({ kind: 'time', at: time }) as const;
    const olga = { kind: 'operator', id: 'olga' } as const;
    for (const actor of [ada, olga])
      for (const asOf of [at(START), at(START + 5 * MINUTE)])
        await expect(
          scheduleAsOf(cut, scheduleId, actor, asOf, going, owner),
        ).rejects.toBeInstanceOf(ScheduleUnreadable);
    const bob = { kind: 'user', id: 'bob' } as const;
    expect(await scheduleAsOf(cut, scheduleId, bob, at(START), going, owner)).toEqual({
      outcome: 'none',
    });
  },
);
