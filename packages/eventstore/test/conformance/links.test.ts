import { randomUUID } from 'node:crypto';
import {
  BACKWARDS,
  binaryEvent,
  END,
  eventTypeFilter,
  jsonEvent,
  NO_STREAM,
  type AllStreamResolvedEvent,
  type AllStreamSubscription,
  type ResolvedEvent,
  type StreamSubscription,
} from '@eventstore/db-client';
import { openStoreUnderTest, type StoreUnderTest } from '../../../../test/support/event-store';
import { readBackTo } from '../../../../test/support/reading';
import { until } from '../../../../test/support/until';

let store: StoreUnderTest;
beforeAll(async () => (store = await openStoreUnderTest()));
afterAll(async () => await store.close());

const event = (n: number) => jsonEvent({ type: 'Happened', data: { n }, metadata: { m: n } });
const link = (to: string) => binaryEvent({ type: '$>', data: Buffer.from(to, 'utf8') });

const streamOf = async (events: number): Promise<string> => {
  const name = `süß-${randomUUID()}`;
  await store.client.appendToStream(
    name,
    Array.from({ length: events }, (_, n) => event(n)),
  );
  return name;
};
const linksTo = async (...places: readonly string[]): Promise<string> => {
  const name = `links-${randomUUID()}`;
  await store.client.appendToStream(name, places.map(link));
  return name;
};

type Resolved = AllStreamResolvedEvent | ResolvedEvent;

/** `revision@stream` of the event and of the link. */
const shape = ({ event: target, link: from }: Resolved) => ({
  event: target && `${target.revision}@${target.streamId}`,
  link: from && `${from.revision}@${from.streamId}`,
});

const read = async (name: string, options = {}): Promise<Resolved[]> => {
  const events: Resolved[] = [];
  const reading = store.client.readStream(name, { resolveLinkTos: true, ...options });
  for await (const resolved of reading) events.push(resolved);
  return events;
};

test('a resolved link carries the event that it stands for, whole, and the link itself', async () => {
  const target = await streamOf(3);
  const links = await linksTo(`1@${target}`);
  const [resolved] = await read(links);
  const [plain] = await read(target, { fromRevision: 1n, maxCount: 1 });
  expect(resolved?.event).toEqual(plain?.event);
  expect(resolved?.event).toMatchObject({ data: { n: 1 }, metadata: { m: 1 }, isJson: true });
  expect(resolved?.link).toMatchObject({ type: '$>', streamId: links, revision: 0n });
  expect(resolved?.link?.data).toEqual(new Uint8Array(Buffer.from(`1@${target}`)));
  expect(resolved?.commitPosition).toBe(resolved?.link?.position?.commit);
});

test('links that nobody asks to resolve are events like all others', async () => {
  const links = await linksTo(`0@${await streamOf(1)}`);
  for (const options of [{ resolveLinkTos: false }, { resolveLinkTos: undefined }]) {
    expect((await read(links, options)).map(shape)).toEqual([
      { event: `0@${links}`, link: undefined },
    ]);
  }
});

test('links and other events share a stream; order and count are those of the stream, both ways', async () => {
  const target = await streamOf(700);
  const links = `mixed-${randomUUID()}`;
  const places = Array.from({ length: 700 }, (_, n) => `${699 - n}@${target}`);
  for (let at = 0; at < places.length; at += 100) {
    await store.client.appendToStream(links, places.slice(at, at + 100).map(link));
    await store.client.appendToStream(links, event(at));
  }
  const expected = Array.from({ length: 707 }, (_, i) => {
    const own = `${i}@${links}`;
    const isLink = i % 101 !== 100;
    return isLink
      ? { event: places[i - Math.floor(i / 101)], link: own }
      : { event: own, link: undefined };
  });
  expect((await read(links)).map(shape)).toEqual(expected);
  const backwards = await read(links, { direction: BACKWARDS, fromRevision: END });
  expect(backwards.map(shape)).toEqual([...expected].reverse());
  const some = await read(links, { fromRevision: 98n, maxCount: 4 });
  expect(some.map(shape)).toEqual(expected.slice(98, 102));
});

describe('a link whose target cannot be read is given alone, so that its reader can go on:', () => {
  const cases: [why: string, prepare: () => Promise<string>][] = [
    ['never written', () => Promise.resolve(`0@never-${randomUUID()}`)],
    ['past the end', async () => `5@${await streamOf(3)}`],
    [
      'soft-deleted',
      async () => {
        const target = await streamOf(2);
        await store.client.deleteStream(target);
        return `0@${target}`;
      },
    ],
    [
      'hidden by a re-creation',
      async () => {
        const target = await streamOf(2);
        await store.client.deleteStream(target);
        await store.client.appendToStream(target, event(2), { expectedRevision: NO_STREAM });
        return `1@${target}`;
      },
    ],
    [
      'tombstoned',
      async () => {
        const target = await streamOf(2);
        await store.client.tombstoneStream(target);
        return `0@${target}`;
      },
    ],
    [
      'before $tb',
      async () => {
        const target = await streamOf(3);
        await store.client.setStreamMetadata(target, { truncateBefore: 2 });
        return `1@${target}`;
      },
    ],
    [
      'cut off by $maxCount',
      async () => {
        const target = await streamOf(3);
        await store.client.setStreamMetadata(target, { maxCount: 1 });
        return `1@${target}`;
      },
    ],
    ['without a stream', () => Promise.resolve('0')],
    ['of a negative revision', async () => `-7@${await streamOf(1)}`],
  ];
  test.each(cases)('%s', async (_why, prepare) => {
    const there = await streamOf(1);
    const links = await linksTo(await prepare(), `0@${there}`);
    expect((await read(links)).map(shape)).toEqual([
      { event: undefined, link: `0@${links}` },
      { event: `0@${there}`, link: `1@${links}` },
    ]);
  });
});

test('what is still visible of a truncated or re-created stream resolves', async () => {
  const cut = await streamOf(4);
  await store.client.setStreamMetadata(cut, { truncateBefore: 2 });
  const again = await streamOf(1);
  await store.client.deleteStream(again);
  await store.client.appendToStream(again, event(1), { expectedRevision: NO_STREAM });
  const places = [`2@${cut}`, `3@${cut}`, `1@${again}`];
  expect(
    (await read(await linksTo(...places))).map(({ event: e }) => e && shape({ event: e }).event),
  ).toEqual(places);
});

test('a link without a revision is no link, and a link to a link gives that link', async () => {
  const inner = await linksTo(`0@${await streamOf(1)}`);
  const outer = await linksTo('no link', `0@${inner}`, `0@a@b`);
  expect((await read(outer)).map(shape)).toEqual([
    { event: `0@${outer}`, link: undefined },
    { event: `0@${inner}`, link: `1@${outer}` },
    { event: undefined, link: `2@${outer}` },
  ]);
});

test('a stream name may contain the separator', async () => {
  const target = `a@b@${randomUUID()}`;
  await store.client.appendToStream(target, event(0));
  expect((await read(await linksTo(`0@${target}`))).map(({ event: e }) => e?.streamId)).toEqual([
    target,
  ]);
});

test('reads of the whole log resolve links, both ways', async () => {
  const target = await streamOf(1);
  const links = await linksTo(`0@${target}`, `1@${target}`);
  const expected = [
    { event: `0@${target}`, link: undefined },
    { event: `0@${target}`, link: `0@${links}` },
    { event: undefined, link: `1@${links}` },
  ];
  const own = new Set([target, links]);
  const shapes = (read: readonly Resolved[]) =>
    read.filter(({ link: from, event: to }) => own.has((from ?? to)?.streamId ?? '')).map(shape);
  const forwards: Resolved[] = [];
  const reading = store.client.readAll({ fromPosition: store.start, resolveLinkTos: true });
  for await (const resolved of reading) forwards.push(resolved);
  expect(shapes(forwards)).toEqual(expected);
  const backwards = await readBackTo(store.client, store.start, { resolveLinkTos: true });
  expect(shapes(backwards)).toEqual([...expected].reverse());
});

const watch = (subscription: AllStreamSubscription | StreamSubscription, ...own: string[]) => {
  const seen: ReturnType<typeof shape>[] = [];
  subscription.on('data', (resolved: Resolved) => {
    if (own.includes((resolved.link ?? resolved.event)?.streamId ?? '')) seen.push(shape(resolved));
  });
  return seen;
};

test('subscriptions resolve links of history and of what is new; a target may come with its link', async () => {
  const target = await streamOf(2);
  const links = await linksTo(`0@${target}`, `9@${target}`);
  const toStream = store.client.subscribeToStream(links, { resolveLinkTos: true });
  const toAll = store.client.subscribeToAll({
    resolveLinkTos: true,
    fromPosition: store.start,
    filter: eventTypeFilter({ prefixes: ['$>'] }),
  });
  const plain = store.client.subscribeToStream(links);
  const seen = [watch(toStream, links), watch(toAll, links)];
  const seenPlain = watch(plain, links);
  await until(() => seen.every((s) => s.length === 2) && seenPlain.length === 2);

  await store.client.appendToStream(links, link(`1@${target}`));
  await Promise.all([
    store.client.appendToStream(target, event(2)),
    store.client.appendToStream(links, link(`0@${target}`)),
  ]);
  await until(() => seen.every((s) => s.length === 4) && seenPlain.length === 4);
  const expected = [
    { event: `0@${target}`, link: `0@${links}` },
    { event: undefined, link: `1@${links}` },
    { event: `1@${target}`, link: `2@${links}` },
    { event: `0@${target}`, link: `3@${links}` },
  ];
  for (const s of seen) expect(s).toEqual(expected);
  expect(seenPlain).toEqual(expected.map(({ link: own }) => ({ event: own, link: undefined })));
  await Promise.all([toStream, toAll, plain].map((subscription) => subscription.unsubscribe()));
});
