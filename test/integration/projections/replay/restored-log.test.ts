import type { RecordedEvent } from '../../../../domain/event-log';
import { originStore } from '../../../../projections/audit/read-model-origin';
import { recorded, testJobId } from '../../../support/job-histories';
import { cancelled, EPOCH, rescheduled, scheduled } from '../../../support/jobs';
import { createReadModel, type TestReadModel } from '../../../support/read-model';
import { dumpOf, projectLive, replayOf } from '../../../support/replaying';

let model: TestReadModel;

beforeAll(async () => {
  model = await createReadModel();
});
afterAll(async () => {
  await model.dispose();
});
beforeEach(async () => {
  await model.clear();
  await model.db.raw('truncate planner_progress, notifier_progress');
});

const ours = '019ab3c4-5d6e-7f80-9a1b-000000000901';
const theirs = '019ab3c4-5d6e-7f80-9a1b-000000000902';

/** Two jobs, of which one is then moved and one cancelled, and a third one. */
const lived: readonly RecordedEvent[] = [
  recorded(testJobId(1), 0n, 10n, scheduled()),
  recorded(testJobId(2), 0n, 20n, scheduled()),
  recorded(testJobId(1), 1n, 30n, rescheduled(EPOCH + 90_000)),
  recorded(testJobId(2), 1n, 40n, cancelled),
  recorded(testJobId(3), 0n, 50n, scheduled()),
];

/** An older copy… */
const restored = lived.slice(0, 2);
/** …and the same after it has lived on, beyond where the read model is: its events are others. */
const livedOn: readonly RecordedEvent[] = [
  ...restored,
  ...[3, 4, 5, 6, 7].map((n) => ({
    ...recorded(testJobId(n + 10), 0n, BigInt(n * 10), scheduled()),
    id: `other ${n}`,
  })),
];

const origin = () => originStore(model.db).look();

const rebuiltFrom = async (log: readonly RecordedEvent[]) => {
  await model.clear();
  await projectLive(model, log);
  return await dumpOf(model);
};

test.each`
  log         | position | why
  ${restored} | ${20n}   | ${'it ends before the checkpoint'}
  ${livedOn}  | ${70n}   | ${'it has other events in the same places'}
`(
  'of a log that was restored from an older copy the read model is rebuilt, back to where that is: $why',
  async ({ log, position }: { log: readonly RecordedEvent[]; position: bigint }) => {
    const wanted = await rebuiltFrom(log);
    await model.clear();
    await projectLive(model, lived);
    await model.db.raw(
      `insert into seen_time values (1, 1000, '[["50", 10]]') on conflict do nothing`,
    );
    await model.db.raw(`insert into planner_progress values ('occurrences', 50)`);
    await model.db.raw(`insert into notifier_progress values ('fan-out', 50)`);
    const forget = jest.fn(() => Promise.resolve(true));
    const result = await replayOf(model, () => log, {}, { forgetMessages: forget, systemId: ours });
    expect(result).toMatchObject({
      ...{ isSwapped: true, position, messages: 'forgotten', comparedAt: undefined },
      unknownMark: { position: 50n },
    });
    expect(forget).toHaveBeenCalledTimes(1);
    expect(await dumpOf(model)).toEqual(wanted);
    expect(await origin()).toEqual({
      systemId: ours,
      checkpoint: { position, eventId: log.at(-1)?.id },
    });
    expect(await model.db('seen_time').select()).toEqual([]);
    // other events lie where these had been: one would make no job of them, the other would be silent
    expect(await model.db('planner_progress').select()).toEqual([]);
    expect(await model.db('notifier_progress').select('position')).toEqual([
      { position: String(position) },
    ]);
  },
);

test('a shadow that was begun before the log was restored is begun anew', async () => {
  await projectLive(model, lived);
  await replayOf(model, () => lived, { swaps: false, keepsShadow: true });
  const wanted = await rebuiltFrom(livedOn);
  await model.clear();
  await projectLive(model, lived);
  await replayOf(model, () => livedOn);
  expect(await dumpOf(model)).toEqual(wanted);
});

test('of the log that it was made of messages are kept, and the checkpoint keeps its event', async () => {
  await projectLive(model, lived);
  await model.db.raw(`insert into planner_progress values ('occurrences', 40)`);
  const forget = jest.fn(() => Promise.resolve(true));
  const result = await replayOf(model, () => lived, {}, { forgetMessages: forget });
  expect(result).toMatchObject({ messages: 'kept', comparedAt: 50n });
  expect(forget).not.toHaveBeenCalled();
  expect((await origin()).checkpoint).toEqual({ position: 50n, eventId: lived.at(-1)?.id });
  expect(await model.db('planner_progress').select('position')).toEqual([{ position: '40' }]);
});

test('a dry run of a restored log throws nothing away', async () => {
  await projectLive(model, lived);
  const forget = jest.fn(() => Promise.resolve(true));
  const before = await dumpOf(model);
  const result = await replayOf(
    model,
    () => restored,
    { swaps: false },
    { forgetMessages: forget },
  );
  expect(result).toMatchObject({ messages: 'kept', unknownMark: { position: 50n } });
  expect(forget).not.toHaveBeenCalled();
  expect(await dumpOf(model)).toEqual(before);
});

test.each`
  systemId     | sentence
  ${theirs}    | ${`there is a read model of the system ${ours}, while the log is of the system ${theirs}`}
  ${undefined} | ${`there is a read model of the system ${ours}, while the log names none`}
`(
  'the read model of another system is left alone, dry or not: $sentence',
  async ({ systemId, sentence }: { systemId: string | undefined; sentence: string }) => {
    await projectLive(model, lived);
    await originStore(model.db).name(ours);
    const before = await dumpOf(model);
    for (const swaps of [true, false])
      await expect(replayOf(model, () => restored, { swaps }, { systemId })).rejects.toThrow(
        sentence,
      );
    expect(await dumpOf(model)).toEqual(before);
  },
);

test('messages that nobody could throw away are told of', async () => {
  await projectLive(model, lived);
  const deps = { forgetMessages: () => Promise.resolve(false) };
  expect(await replayOf(model, () => restored, {}, deps)).toMatchObject({ messages: 'left' });
});
