import { loadSchedule, ScheduleUnreadable } from '../../../../commands/schedules/schedule-stream';
import { EventLogUnavailable, StreamGone, type EventLog } from '../../../../domain/event-log';
import { EventTooNew } from '../../../../domain/events/upcast';
import { scheduleStream } from '../../../../domain/ids';
import { uuids } from '../../../../infra/ids';
import { as } from '../../../support/command-bench';
import { NOBODYS, ada, operator, benchOf, done, made } from '../../../support/schedule-bench';

describe('a schedule is read', () => {
  test('from what is known of it on, and without what is known from its first event on', async () => {
    const bench = benchOf();
    const id = await made(bench);
    bench.remembered.set(id, await bench.knownNow(id));
    expect(await loadSchedule(bench.memory, bench.known, id)).toEqual({
      state: await bench.knownNow(id), // nothing was read, so no position is known
    });
    done(await bench.commands.pause(id, undefined, ada));
    const loaded = await loadSchedule(bench.memory, bench.known, id);
    expect(loaded.state).toMatchObject({ status: 'paused', revision: 1n });
    const [, paused] = await bench.events(id);
    expect(loaded.position).toBe(paused?.position);
    const whole: EventLog = { ...bench.memory, read: (stream) => bench.memory.read(stream) };
    expect(await loadSchedule(whole, bench.known, id)).toEqual(loaded); // of more than was asked for
  });

  test('not when its stream is gone, which only its owner and operators learn', async () => {
    const theirs = benchOf();
    const id = await made(theirs);
    const bench = benchOf({
      wrap: (log) => ({ ...log, read: () => Promise.reject(new StreamGone('deleted')) }),
    });
    bench.remembered.set(id, await theirs.knownNow(id));
    await expect(bench.commands.load(id, ada)).rejects.toThrow(ScheduleUnreadable);
    await expect(bench.commands.load(id, operator)).rejects.toThrow('cannot be read');
    expect(await bench.commands.load(id, as('bob'))).toEqual({ status: 'none' });
  });

  test('not while the log is away, whoever asks', async () => {
    const bench = benchOf({
      wrap: (log) => ({ ...log, read: () => Promise.reject(new EventLogUnavailable('away')) }),
    });
    await expect(bench.commands.load(NOBODYS, as('bob'))).rejects.toThrow('away');
  });

  test('not over an event that makes no sense, nor over one of a newer build', async () => {
    const bench = benchOf();
    const append = async (changes: object) => {
      const id = await made(bench);
      const [first] = await bench.events(id);
      if (!first) throw new Error('it was made');
      const event = { ...first, id: uuids.next(), ...changes };
      await bench.memory.append(scheduleStream(id), [event as never], 0n);
      return id;
    };
    const ended = await append({ type: '$streamDeleted' });
    expect(await bench.commands.load(ended, ada)).toMatchObject({ status: 'active' });
    const odd = await append({ data: {} });
    await expect(bench.commands.load(odd, ada)).rejects.toThrow(ScheduleUnreadable);
    expect(await bench.commands.load(odd, as('bob'))).toEqual({ status: 'none' });
    const metadata = { at: '2026-11-23T12:00:10.000Z', schemaVersion: 99 };
    const newer = await append({ metadata });
    await expect(bench.commands.load(newer, ada)).rejects.toThrow(EventTooNew);
  });
});
