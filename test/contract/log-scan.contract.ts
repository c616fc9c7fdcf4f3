import { randomUUID } from 'node:crypto';
import type { EventLog } from '../../domain/event-log';
import type { LogScan, ScanRange, StoredBytes } from '../../projections/reading/log-scan';
import { recordedEvent } from '../../projections/reading/log-scan';
import { appendTo, idsOf, jobStream, newEvents } from './opened-event-log';

export type OpenLogScan = {
  readonly log: EventLog;
  readonly scan: LogScan;
  readonly close: () => Promise<void>;
};

const STREAMS = 40;
const EVENTS_EACH = 60;

/** What every scan of a log must do, whatever is behind it. */
export const logScanContract = (name: string, open: () => Promise<OpenLogScan>): void => {
  describe(`log scan contract: ${name}`, () => {
    let opened: OpenLogScan;
    let appended: readonly string[];
    beforeAll(async () => {
      opened = await open();
      const append = appendTo(() => opened.log);
      const ids: string[] = [];
      for (let n = 0; n < STREAMS; n++) {
        const events = newEvents(EVENTS_EACH);
        await append(jobStream(), events, 'no-stream');
        await append(`$system-${randomUUID()}`, newEvents(1), 'no-stream');
        ids.push(...idsOf(events));
      }
      appended = ids;
    });
    afterAll(async () => {
      await opened.close();
    });

    const never = new AbortController().signal;

    const batchesOf = async (
      range: ScanRange,
      signal = never,
    ): Promise<readonly (readonly StoredBytes[])[]> => {
      const batches = [];
      for await (const batch of opened.scan(range, signal)) batches.push(batch);
      return batches;
    };
    const eventsOf = async (range: ScanRange): Promise<readonly StoredBytes[]> =>
      (await batchesOf(range)).flat();

    test('gives each event once, in the order of the log, and leaves out system streams', async () => {
      const events = await eventsOf({ after: 'start' });
      expect(idsOf(events)).toEqual(appended);
      const positions = events.map(({ position }) => position);
      expect(positions).toEqual([...new Set(positions)].sort((a, b) => (a < b ? -1 : 1)));
    });

    test('comes in large batches and none is empty, as each costs its reader a wait', async () => {
      const sizes = (await batchesOf({ after: 'start' })).map(({ length }) => length);
      expect(Math.min(...sizes)).toBeGreaterThan(0);
      expect(sizes.length).toBeLessThan(appended.length / 500);
    });

    test('gives the bytes that were stored, which read as the event that was appended', async () => {
      const stream = jobStream();
      const [event] = newEvents(1);
      if (!event) throw new RangeError('there is one event');
      const before = (await eventsOf({ after: 'start' })).at(-1)?.position ?? 0n;
      const { position } = await appendTo(() => opened.log)(stream, [event], 'no-stream');
      const [stored] = await eventsOf({ after: before });
      expect(stored).toMatchObject({ contentType: 'application/json', createdTicks: expect.any(BigInt) as unknown }); // oxfmt-ignore
      expect(stored && Buffer.from(stored.data).toString()).toBe(JSON.stringify(event.data));
      expect(stored && recordedEvent(stored)).toEqual({
        ...{ id: event.id, stream, type: event.type, data: event.data, metadata: event.metadata },
        ...{ revision: 0n, position },
      });
      appended = [...appended, event.id];
    });

    test('begins behind `after` and ends with `upTo`, so that ranges put together are the log', async () => {
      const events = await eventsOf({ after: 'start' });
      const [first, last] = [events[700]?.position ?? 0n, events[2_100]?.position ?? 0n];
      const between = await eventsOf({ after: first, upTo: last });
      expect(idsOf(between)).toEqual(idsOf(events.slice(701, 2_101)));
      expect(idsOf(await eventsOf({ after: 'start', upTo: first }))).toEqual(
        idsOf(events.slice(0, 701)),
      );
      expect(idsOf(await eventsOf({ after: last }))).toEqual(idsOf(events.slice(2_101)));
      expect(await eventsOf({ after: last, upTo: last })).toEqual([]);
    });

    test('gives nothing when nothing follows, instead of waiting for more', async () => {
      const events = await eventsOf({ after: 'start' });
      const end = events.at(-1)?.position ?? 0n;
      expect(await eventsOf({ after: end })).toEqual([]);
    });

    test('several at a time do not disturb each other', async () => {
      const scans = await Promise.all([1, 2, 3].map(() => eventsOf({ after: 'start' })));
      for (const events of scans) expect(idsOf(events)).toEqual(appended);
    });

    test('rejects with the reason when it is told to end before it begins, or on the way', async () => {
      const reason = new Error('that is enough');
      await expect(batchesOf({ after: 'start' }, AbortSignal.abort(reason))).rejects.toBe(reason);
      const stopping = new AbortController();
      const scan = opened.scan({ after: 'start' }, stopping.signal)[Symbol.asyncIterator]();
      await scan.next();
      stopping.abort(reason);
      await expect(
        (async () => {
          while (!(await scan.next()).done);
        })(),
      ).rejects.toBe(reason);
    });
  });
};
