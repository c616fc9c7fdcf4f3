import type { EventLog, NewEvent, NewestEvents } from '../../domain/event-log';
import { newEvent } from '../support/new-event';
import { feedContract } from './feed.contract';
import type { OpenEventLog } from './opened-event-log';
import { appendTo, idsOf, jobStream, newEvents } from './opened-event-log';

/** What every event log and its feed must do, whatever is behind them. */
export const eventLogContract = (name: string, open: () => Promise<OpenEventLog>): void => {
  describe(`event log contract: ${name}`, () => {
    let opened: OpenEventLog;
    let log: EventLog & NewestEvents;
    beforeAll(async () => {
      opened = await open();
      ({ log } = opened);
    });
    afterAll(async () => {
      await opened.close();
    });

    const append = appendTo(() => log);

    describe('append', () => {
      test('no-stream writes the first event of a stream, at revision 0', async () => {
        expect(await append(jobStream(), newEvents(1), 'no-stream')).toEqual({
          outcome: 'appended',
          revision: 0n,
          position: expect.any(BigInt) as unknown,
        });
      });

      test('the exact revision that the writer saw is accepted, and the next follows it', async () => {
        const stream = jobStream();
        const first = await append(stream, newEvents(2), 'no-stream');
        const second = await append(stream, newEvents(1), first.revision);
        expect([first.revision, second.revision]).toEqual([1n, 2n]);
      });

      test('any appends to a stream whether it is there or not', async () => {
        const stream = jobStream();
        expect((await append(stream, newEvents(1), 'any')).revision).toBe(0n);
        expect((await append(stream, newEvents(1), 'any')).revision).toBe(1n);
      });

      test.each`
        expected       | present | why
        ${'no-stream'} | ${1}    | ${'somebody else was first'}
        ${0n}          | ${3}    | ${'the writer saw an older state'}
        ${3n}          | ${3}    | ${'nobody can have seen what is not there yet'}
        ${0n}          | ${0}    | ${'a stream that is not there has no revision'}
      `(
        'expecting $expected with $present events is a conflict and changes nothing: $why',
        async ({ expected, present }: { expected: bigint | 'no-stream'; present: number }) => {
          const stream = jobStream();
          if (present > 0) await append(stream, newEvents(present), 'no-stream');
          const before = await log.read(stream);
          expect(await log.append(stream, newEvents(2), expected)).toEqual({ outcome: 'conflict' });
          expect(await log.read(stream)).toEqual(before);
        },
      );

      test('of many writers at one revision exactly one wins, so that no decision is made twice', async () => {
        const stream = jobStream();
        const { revision } = await append(stream, newEvents(1), 'no-stream');
        const writers = Array.from({ length: 32 }, () => newEvents(1));
        const outcomes = await Promise.all(writers.map((e) => log.append(stream, e, revision)));
        const winners = outcomes.flatMap(({ outcome }, i) => (outcome === 'appended' ? [i] : []));
        expect(winners).toHaveLength(1);
        const winner = writers[winners[0] ?? -1];
        expect(idsOf((await log.read(stream)).slice(1))).toEqual(idsOf(winner ?? []));
      });

      test('the position is that of the last event, so that waiting for it waits for all of them', async () => {
        const stream = jobStream();
        const { position, revision } = await append(stream, newEvents(3), 'no-stream');
        const last = (await log.read(stream)).at(-1);
        expect(last).toMatchObject({ position, revision });
      });

      test('positions rise strictly from append to append, over all streams', async () => {
        const positions: bigint[] = [];
        for (let i = 0; i < 10; i++) {
          positions.push((await append(jobStream(), newEvents(1 + (i % 3)), 'no-stream')).position);
        }
        expect(positions).toEqual([...new Set(positions)].sort((a, b) => (a < b ? -1 : 1)));
      });
    });

    describe('the same append again', () => {
      test.each`
        expected       | seen | why
        ${'no-stream'} | ${0} | ${'a first append that was answered to nobody'}
        ${1n}          | ${2} | ${'an append at a revision'}
        ${'any'}       | ${2} | ${'an append that expects nothing'}
      `(
        'has the same answer and stores nothing ($expected): $why',
        async ({ expected, seen }: { expected: bigint | 'no-stream' | 'any'; seen: number }) => {
          const stream = jobStream();
          if (seen > 0) await append(stream, newEvents(seen), 'no-stream');
          const events = newEvents(2);
          const first = await log.append(stream, events, expected);
          const stored = await log.read(stream);
          expect(await log.append(stream, events, expected)).toEqual(first);
          expect(await log.read(stream)).toEqual(stored);
          expect(idsOf(stored.slice(seen))).toEqual(idsOf(events));
        },
      );

      test('has the same answer when others have appended since, for a retry may come late', async () => {
        const stream = jobStream();
        const events = newEvents(2);
        const first = await append(stream, events, 'no-stream');
        await append(stream, newEvents(1), first.revision);
        expect(await log.append(stream, events, 'no-stream')).toEqual(first);
        expect(await log.read(stream)).toHaveLength(3);
      });

      test('has one answer when the tries race', async () => {
        const stream = jobStream();
        const events = newEvents(2);
        const tries = Array.from({ length: 8 }, () => log.append(stream, events, 'no-stream'));
        const [first, ...others] = await Promise.all(tries);
        expect(first).toMatchObject({ outcome: 'appended', revision: 1n });
        expect(others).toEqual(others.map(() => first));
        expect(await log.read(stream)).toHaveLength(2);
      });

      test.each`
        repeat                                        | why
        ${([a]: NewEvent[]) => [a, newEvent()]}       | ${'the second event is another one'}
        ${([a, b]: NewEvent[]) => [b, a]}             | ${'the order is another one'}
        ${([a, b]: NewEvent[]) => [a, b, newEvent()]} | ${'there is an event too many'}
        ${([, b]: NewEvent[]) => [newEvent(), b]}     | ${'the first event is another one'}
      `(
        'is a conflict when only part of it is there: $why',
        async ({ repeat }: { repeat: (events: readonly NewEvent[]) => readonly NewEvent[] }) => {
          const stream = jobStream();
          const events = newEvents(2);
          await append(stream, events, 'no-stream');
          expect(await log.append(stream, repeat(events), 'no-stream')).toEqual({
            outcome: 'conflict',
          });
          expect(idsOf(await log.read(stream))).toEqual(idsOf(events));
        },
      );

      test('is a conflict at another revision: the writer has seen another state', async () => {
        const stream = jobStream();
        const events = newEvents(1);
        await append(stream, newEvents(2), 'no-stream');
        await append(stream, events, 1n);
        expect(await log.append(stream, events, 0n)).toEqual({ outcome: 'conflict' });
      });
    });

    describe('read', () => {
      test('a stream that was never written is empty, not an error', async () => {
        expect(await log.read(jobStream())).toEqual([]);
      });

      test('gives back what was appended: ids, types, data, metadata, order and place', async () => {
        const stream = jobStream();
        const data = {
          name: 'Größe „日本語” 🚀 \u0000 \u2028',
          nested: { list: [1, 'two', null, { deep: [true, [0.1]] }], empty: {} },
          big: 9_007_199_254_740_991,
        };
        const events = [newEvent(data), newEvent({}), newEvent({ n: 2 })];
        const { position } = await append(stream, events, 'no-stream');
        const read = await log.read(stream);
        expect(read).toEqual(
          events.map(({ id, type, data, metadata }, n) => ({
            ...{ id, stream, type, data, metadata },
            revision: BigInt(n),
            position: expect.any(BigInt) as unknown,
          })),
        );
        const positions = read.map((event) => event.position);
        expect(positions).toEqual([...new Set(positions)].sort((a, b) => (a < b ? -1 : 1)));
        expect(positions.at(-1)).toBe(position);
      });

      test('the newest event of a stream is its last one; a stream that is not there has none', async () => {
        const stream = jobStream();
        expect(await log.newest(stream)).toBeUndefined();
        await append(stream, newEvents(3), 'no-stream');
        expect(await log.newest(stream)).toEqual((await log.read(stream)).at(-1));
      });

      test('a part of a stream is read from a revision on, as many events as are wanted, so that a long one need not be read whole', async () => {
        const stream = jobStream();
        const events = newEvents(5);
        await append(stream, events, 'no-stream');
        expect(idsOf(await log.read(stream, 2n))).toEqual(idsOf(events.slice(2)));
        expect(idsOf(await log.read(stream, 1n, 3))).toEqual(idsOf(events.slice(1, 4)));
        expect(await log.read(stream, 5n, 3)).toEqual([]);
      });

      test('what JSON cannot hold is gone, as if it had never been there', async () => {
        const stream = jobStream();
        await append(stream, [newEvent({ kept: 1, gone: undefined })], 'no-stream');
        expect(Object.keys((await log.read(stream))[0]?.data ?? {})).toEqual(['kept']);
      });

      test('a stream longer than any page is read whole', async () => {
        const stream = jobStream();
        const events = newEvents(1_500);
        await append(stream, events, 'no-stream');
        expect(idsOf(await log.read(stream))).toEqual(idsOf(events));
      });
    });

    feedContract(() => opened);
  });
};
