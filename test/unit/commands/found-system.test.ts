import { foundSystem, systemOf, SystemUnreadable } from '../../../commands/found-system';
import type { NewEvent } from '../../../domain/event-log';
import { EventTooNew } from '../../../domain/events/upcast';
import { SYSTEM_STREAM } from '../../../domain/system/events';
import { uuids } from '../../../infra/ids';
import { memoryEventLog } from '../../../infra/memory/event-log';
import { newEvent } from '../../support/new-event';
import { t } from '../../support/jobs';

const founded = newEvent({ systemId: uuids.next() }, 'SystemFounded');

const bench = () => {
  const { log } = memoryEventLog();
  const found = () => foundSystem({ log, clock: { now: () => t(0) }, ids: uuids });
  return { log, found };
};

test('a log that nobody has started on names no system', async () => {
  expect(await systemOf(bench().log)).toBeUndefined();
});

test('of programs that start at once one names the system, and all get that name', async () => {
  const { log, found } = bench();
  const ids = await Promise.all(Array.from({ length: 8 }, found));
  expect(new Set(ids).size).toBe(1);
  expect(await systemOf(log)).toBe(ids[0]);
  expect(await log.read(SYSTEM_STREAM)).toMatchObject([
    { type: 'SystemFounded', data: { systemId: ids[0] }, revision: 0n },
  ]);
});

test('a later start writes nothing: the log is of one system for ever', async () => {
  const { log, found } = bench();
  const first = await found();
  expect(await found()).toBe(first);
  expect(await log.read(SYSTEM_STREAM)).toHaveLength(1);
});

test('a system that is there already costs one read and no append at a start', async () => {
  const { log, found } = bench();
  await found();
  const append = jest.fn(log.append);
  await foundSystem({ log: { ...log, append }, clock: { now: () => t(0) }, ids: uuids });
  expect(append).not.toHaveBeenCalled();
});

test('a stream that is deleted while it is written is told, instead of a start without a system', async () => {
  const { log } = bench();
  const forgetful = { ...log, read: () => Promise.resolve([]) };
  await expect(
    foundSystem({ log: forgetful, clock: { now: () => t(0) }, ids: uuids }),
  ).rejects.toThrow(SystemUnreadable);
});

test.each`
  event                                                                  | error               | why
  ${newEvent({ systemId: uuids.next() }, 'Something')}                   | ${SystemUnreadable} | ${'somebody else wrote it'}
  ${newEvent({ systemId: 'mine' }, 'SystemFounded')}                     | ${SystemUnreadable} | ${'it is no id'}
  ${{ ...founded, metadata: { ...founded.metadata, schemaVersion: 9 } }} | ${EventTooNew}      | ${'a newer build wrote it'}
`(
  'an event in its place that cannot be read is not passed over: $why',
  async ({ event, error }: { event: NewEvent; error: typeof SystemUnreadable }) => {
    const { log, found } = bench();
    await log.append(SYSTEM_STREAM, [event], 'no-stream');
    await expect(found()).rejects.toThrow(error);
  },
);
