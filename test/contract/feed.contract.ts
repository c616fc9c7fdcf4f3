import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { RecordedEvent } from '../../domain/event-log';
import type { Feed, FeedItem } from '../../projections/reading/feed';
import { newEvent } from '../support/new-event';
import { until } from '../support/until';
import type { OpenEventLog } from './opened-event-log';
import { SEARCH_WINDOW, appendTo, idsOf, jobStream, newEvents } from './opened-event-log';

const eventsOf = (items: readonly FeedItem[]): readonly RecordedEvent[] =>
  items.flatMap((item) => (item.kind === 'event' ? [item.event] : []));

const countOf = (items: readonly FeedItem[], kind: FeedItem['kind']): number =>
  items.filter((item) => item.kind === kind).length;

/** Subscribes and keeps what comes. */
const follow = (feed: Feed, after: bigint | 'start') => {
  const items: FeedItem[] = [];
  const errors: unknown[] = [];
  const { items$, pause, resume } = feed.open(after);
  const subscription = items$.subscribe({
    next: (item) => items.push(item),
    error: (error: unknown) => errors.push(error),
  });
  return {
    items,
    errors,
    pause,
    resume,
    stop: () => {
      subscription.unsubscribe();
    },
  };
};

/** What the feed of an event log must do; part of the event log's contract. */
export const feedContract = (opened: () => OpenEventLog): void => {
  describe('feed', () => {
    const append = appendTo(() => opened().log);
    const from = (after: bigint | 'start') => follow(opened().feed, after);

    /** Position of an event that no feed shows, so that a test sees only what it appends. */
    const hereAndNow = async (): Promise<bigint> =>
      (await append(`other-${randomUUID()}`, newEvents(1), 'any')).position;
    test('gives history, then caught-up, then what is appended, in the order of the log', async () => {
      const after = await hereAndNow();
      const past = newEvents(3);
      await append(jobStream(), past, 'no-stream');
      const { items, stop } = from(after);
      await until(() => countOf(items, 'caught-up') === 1);
      expect(idsOf(eventsOf(items))).toEqual(idsOf(past));

      const live = newEvents(2);
      await append(jobStream(), live, 'no-stream');
      await until(() => eventsOf(items).length === 5);
      stop();
      expect(idsOf(eventsOf(items))).toEqual(idsOf([...past, ...live]));
    });

    test('gives events as the stream gives them, so that both ways see one truth', async () => {
      const after = await hereAndNow();
      const stream = jobStream();
      await append(stream, [newEvent({ name: 'Größe 🚀', list: [{}] }), newEvent()], 'no-stream');
      const { items, stop } = from(after);
      await until(() => eventsOf(items).length === 2);
      stop();
      expect(eventsOf(items)).toEqual(await opened().log.read(stream));
    });

    test('shows from the start every event there is', async () => {
      const stream = jobStream();
      const events = newEvents(2);
      const { position } = await append(stream, events, 'no-stream');
      const { items, stop } = from('start');
      await until(() => eventsOf(items).at(-1)?.position === position);
      stop();
      expect(idsOf(eventsOf(items).filter((e) => e.stream === stream))).toEqual(idsOf(events));
    });

    test('begins after the position, that one excluded, so that no checkpoint is applied twice', async () => {
      const stream = jobStream();
      const { position } = await append(stream, newEvents(1), 'no-stream');
      const next = newEvents(2);
      await append(stream, next, 0n);
      const { items, stop } = from(position);
      await until(() => countOf(items, 'caught-up') === 1);
      stop();
      expect(idsOf(eventsOf(items))).toEqual(idsOf(next));
    });

    test('from history into live misses nothing and repeats nothing while writers race', async () => {
      const after = await hereAndNow();
      const ids: string[] = [];
      let isWriting = true;
      const writer = async (): Promise<void> => {
        while (isWriting && ids.length < 20_000) {
          const events = newEvents(1 + (ids.length % 3));
          await append(jobStream(), events, 'no-stream');
          ids.push(...idsOf(events));
          await setImmediate(); // a log in memory answers before anything else gets a turn
        }
      };
      const writers = [writer(), writer(), writer(), writer()];
      await until(() => ids.length > 100);
      const feeds = [from(after), from(after)];
      for (const { items } of feeds) await until(() => eventsOf(items).length > 200);
      feeds.push(from(after));
      const enough = ids.length + 200;
      await until(() => ids.length > enough);
      isWriting = false;
      await Promise.all(writers);

      for (const { items, stop } of feeds) {
        await until(() => eventsOf(items).length >= ids.length);
        stop();
        const seen = eventsOf(items);
        expect(new Set(idsOf(seen))).toEqual(new Set(ids));
        expect(seen).toHaveLength(ids.length);
        expect(seen.every((e, i) => e.position > (seen[i - 1]?.position ?? after))).toBe(true);
        expect(countOf(items, 'caught-up')).toBe(1);
      }
    });

    test('hides the streams of others', async () => {
      const after = await hereAndNow();
      const shown = newEvents(1);
      await append(`jobs-${randomUUID()}`, newEvents(1), 'no-stream');
      await append(`x-job-${randomUUID()}`, newEvents(1), 'no-stream');
      await append(jobStream(), shown, 'no-stream');
      const { items, stop } = from(after);
      await until(() => countOf(items, 'caught-up') === 1);
      stop();
      expect(idsOf(eventsOf(items))).toEqual(idsOf(shown));
    });

    test('tells how far it has looked when all it passes is hidden, so that a checkpoint moves on', async () => {
      const after = await hereAndNow();
      const { position } = await append(
        `other-${randomUUID()}`,
        newEvents(3 * SEARCH_WINDOW),
        'no-stream',
      );
      const { items, stop } = from(after);
      await until(() => countOf(items, 'checkpoint') > 0 && countOf(items, 'caught-up') === 1);
      stop();
      const checkpoints = items.flatMap((i) => (i.kind === 'checkpoint' ? [i.position] : []));
      expect(checkpoints.every((p) => p > after && p <= position)).toBe(true);
    });

    test('no checkpoint overtakes an event, for what it passes would be lost after a restart', async () => {
      const after = await hereAndNow();
      for (let i = 0; i < 4; i++) {
        await append(`other-${randomUUID()}`, newEvents(SEARCH_WINDOW + 3), 'no-stream');
        await append(jobStream(), newEvents(30), 'no-stream');
      }
      const items: FeedItem[] = [];
      const { items$, pause, resume } = opened().feed.open(after);
      const subscription = items$.subscribe((item) => {
        items.push(item);
        pause(); // after each, so that the next ones wait
        globalThis.setImmediate(resume);
      });
      await until(() => eventsOf(items).length === 120 && countOf(items, 'caught-up') === 1);
      subscription.unsubscribe();
      const positions = items.flatMap((item) => {
        if (item.kind === 'caught-up') return [];
        return [item.kind === 'event' ? item.event.position : item.position];
      });
      expect(countOf(items, 'checkpoint')).toBeGreaterThan(0);
      expect(positions).toEqual([...positions].sort((a, b) => (a < b ? -1 : 1)));
    });

    test('is quiet while paused, and goes on where it was', async () => {
      const after = await hereAndNow();
      const { items, pause, resume, stop } = from(after);
      await until(() => countOf(items, 'caught-up') === 1);
      pause();
      const events = newEvents(300);
      await append(jobStream(), events, 'no-stream');
      const other = from(after);
      await until(() => eventsOf(other.items).length === 300);
      other.stop();
      expect(eventsOf(items)).toEqual([]);

      resume();
      await until(() => eventsOf(items).length === 300);
      stop();
      expect(idsOf(eventsOf(items))).toEqual(idsOf(events));
    });

    test('that was paused before it began stays quiet until it is resumed', async () => {
      const after = await hereAndNow();
      await append(jobStream(), newEvents(1), 'no-stream');
      const items: FeedItem[] = [];
      const { items$, pause, resume } = opened().feed.open(after);
      pause();
      const subscription = items$.subscribe((item) => items.push(item));
      const other = from(after);
      await until(() => countOf(other.items, 'caught-up') === 1);
      other.stop();
      expect(items).toEqual([]);

      resume();
      await until(() => countOf(items, 'caught-up') === 1);
      subscription.unsubscribe();
      expect(eventsOf(items)).toHaveLength(1);
    });

    test('is cold: each subscriber sees all from its beginning', async () => {
      const after = await hereAndNow();
      await append(jobStream(), newEvents(2), 'no-stream');
      const { items$ } = opened().feed.open(after);
      const seen: FeedItem[][] = [[], []];
      for (const items of seen) {
        const subscription = items$.subscribe((item) => items.push(item));
        await until(() => countOf(items, 'caught-up') === 1);
        subscription.unsubscribe();
      }
      expect(seen[0]).toHaveLength(3);
      expect(seen[1]).toEqual(seen[0]);
    });

    test('gives nothing after it was left', async () => {
      const after = await hereAndNow();
      const left = from(after);
      const leftAtOnce = from(after);
      leftAtOnce.stop();
      await until(() => countOf(left.items, 'caught-up') === 1);
      left.stop();
      const stays = from(after);
      await append(jobStream(), newEvents(2), 'no-stream');
      await until(() => eventsOf(stays.items).length === 2);
      stays.stop();
      expect(eventsOf(left.items)).toEqual([]);
      expect([...leftAtOnce.items, ...left.errors, ...leftAtOnce.errors]).toEqual([]);
    });
  });
};
