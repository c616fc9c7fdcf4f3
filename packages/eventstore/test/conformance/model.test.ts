import { randomUUID } from 'node:crypto';
import { EventStoreDBClient, jsonEvent, type Position } from '@eventstore/db-client';
import fc from 'fast-check';
import { startEventStoreServer, type EventStoreServer } from '../../server';
import { testSchema } from '../../../../test/support/event-store';
import { givenEventStoreUrl } from '../../../../test/support/given-event-store';
import {
  appended,
  emptyStream,
  isRepeated,
  lastRevision,
  refusal,
  visible,
  type Answer,
  type Expected,
  type ModelStream,
} from '../../../../test/support/event-store-model';
import { isRising, newestPosition } from '../../../../test/support/reading';
import { createDatabase, type TestDatabase } from '../../../../test/support/postgres';

type Sent = {
  readonly stream: string;
  readonly expected: 'no_stream' | bigint;
  readonly ids: readonly string[];
};

type Model = {
  readonly streams: Map<string, ModelStream>;
  /** Event ids in the order in which they were acknowledged. */
  readonly log: string[];
  readonly accepted: Sent[];
};

type Real = {
  readonly client: () => EventStoreDBClient;
  readonly restart: () => Promise<void>;
  /** Streams of one run have names of their own. */
  readonly nameOf: (stream: string) => string;
  /** Where the log stood when the run began. */
  readonly start: Position;
};

type Command = fc.AsyncCommand<Model, Real>;

let database: TestDatabase | undefined;
let server: EventStoreServer | undefined;
let client: EventStoreDBClient;
const open = async (): Promise<void> => {
  if (database)
    server = await startEventStoreServer({
      postgresUrl: database.url,
      schema: testSchema,
      host: '127.0.0.1',
      port: 0,
      like: '23.10',
      log: () => undefined,
    });
  client = EventStoreDBClient.connectionString(server?.url ?? givenEventStoreUrl ?? '');
};
const shut = async (): Promise<void> => {
  await client.dispose();
  await server?.close();
};
beforeAll(async () => {
  if (givenEventStoreUrl === undefined) database = await createDatabase();
  await open();
});
afterAll(async () => {
  await shut();
  await database?.drop();
});

const answerOf = async (
  call: Promise<{ readonly nextExpectedRevision?: bigint; readonly position?: unknown }>,
): Promise<Answer> => {
  try {
    const { nextExpectedRevision } = await call;
    return nextExpectedRevision === undefined
      ? { is: 'ok' }
      : { is: 'ok', revision: Number(nextExpectedRevision) };
  } catch (error) {
    // the client's errors have a type; anything else is a failure that the comparison shows
    return { is: (error as { readonly type: 'stream-deleted' }).type };
  }
};

const streamIn = ({ streams }: Model, name: string): ModelStream =>
  streams.get(name) ?? emptyStream;

const events = (ids: readonly string[]) =>
  ids.map((id) => jsonEvent({ id, type: 'Happened', data: { id } }));

type Wish = 'any' | 'no_stream' | 'stream_exists' | 'last' | 'too-low' | 'too-high';

/** Wishes that depend on where the stream is become revisions when the command runs. */
const expectedFor = (wish: Wish, stream: ModelStream): Expected => {
  const last = lastRevision(stream);
  switch (wish) {
    case 'last':
      return last < 0 ? 'no_stream' : BigInt(last);
    case 'too-low':
      return BigInt(Math.max(0, last - 1));
    case 'too-high':
      return BigInt(last + 1);
    default:
      return wish;
  }
};

const command = (
  text: string,
  run: Command['run'],
  check: Command['check'] = () => true,
): Command => ({
  check,
  run,
  toString: () => text,
});

const append = (name: string, wish: Wish, count: number): Command =>
  command(`append ${count} to ${name} at ${wish}`, async (model, real) => {
    const stream = streamIn(model, name);
    const expected = expectedFor(wish, stream);
    const ids = Array.from({ length: count }, () => randomUUID());
    const answer = await answerOf(
      real.client().appendToStream(real.nameOf(name), events(ids), { expectedRevision: expected }),
    );
    // no ids tell an append of none behind a deleted stream's end from a late one
    const isLate = count === 0 && expected === 'no_stream' && stream.ids.length > 0;
    const refused =
      refusal(stream, expected) ?? (isLate ? { is: 'wrong-expected-version' } : undefined);
    if (refused) {
      expect(answer).toEqual(refused);
      return;
    }
    const after = appended(stream, ids);
    expect(answer.is).toBe('ok');
    if (count > 0) expect(answer).toEqual({ is: 'ok', revision: lastRevision(after) });
    model.streams.set(name, after);
    model.log.push(...ids);
    const at = lastRevision(stream);
    if (count > 0)
      model.accepted.push({ stream: name, expected: at < 0 ? 'no_stream' : BigInt(at), ids });
  });

const repeat = (pick: number): Command =>
  command(
    `repeat append ${pick}`,
    async (model, real) => {
      const sent = model.accepted[pick % model.accepted.length];
      if (!sent) return;
      const stream = streamIn(model, sent.stream);
      const { expected, ids } = sent;
      // at the revision where it went, so that only the stored ids can tell that it is the same
      const answer = await answerOf(
        real
          .client()
          .appendToStream(real.nameOf(sent.stream), events(ids), { expectedRevision: expected }),
      );
      if (stream.hasTombstone) {
        expect(answer).toEqual({ is: 'stream-deleted' });
        return;
      }
      expect(isRepeated(stream, expected, ids)).toBe(true);
      const from = expected === 'no_stream' ? 0 : Number(expected) + 1;
      expect(answer).toEqual({ is: 'ok', revision: from + ids.length - 1 });
    },
    // a deleted stream counts as none again: what is asked there at no_stream is another question
    ({ accepted, streams }) =>
      accepted.length > 0 && ![...streams.values()].some(({ isSoftDeleted }) => isSoftDeleted),
  );

const softDelete = (name: string, wish: 'any' | 'last' | 'too-low'): Command =>
  command(
    `delete ${name} at ${wish}`,
    async (model, real) => {
      const stream = streamIn(model, name);
      const expected = expectedFor(wish, stream);
      if (expected === 'stream_exists') return;
      const answer = await answerOf(
        real.client().deleteStream(real.nameOf(name), { expectedRevision: expected }),
      );
      const isUnknown =
        stream.ids.length === 0 && stream.metadataEvents === 0 && !stream.hasTombstone;
      const refused = isUnknown
        ? ({ is: 'wrong-expected-version' } as const)
        : refusal(stream, expected);
      expect(answer).toEqual(refused ?? { is: 'ok' });
      if (refused) return;
      const metadataEvents = stream.metadataEvents + 1;
      // a deletion keeps no other metadata
      const deleted = { isSoftDeleted: true, maxCount: undefined, metadataEvents };
      model.streams.set(name, { ...stream, ...deleted });
    },
    (model) => !streamIn(model, name).isSoftDeleted,
  );

const tombstone = (name: string, wish: 'any' | 'last' | 'too-high'): Command =>
  command(`tombstone ${name} at ${wish}`, async (model, real) => {
    const stream = streamIn(model, name);
    const expected = expectedFor(wish, stream);
    if (expected === 'stream_exists') return;
    const answer = await answerOf(
      real.client().tombstoneStream(real.nameOf(name), { expectedRevision: expected }),
    );
    const refused = refusal(stream, expected);
    expect(answer).toEqual(refused ?? { is: 'ok' });
    if (!refused) model.streams.set(name, { ...stream, hasTombstone: true });
  });

const setMetadata = (name: string, truncateTo: number, maxCount: number | undefined): Command =>
  command(`metadata of ${name}: ${truncateTo}, ${maxCount ?? 'all'}`, async (model, real) => {
    const stream = streamIn(model, name);
    const truncateBefore = Math.min(truncateTo, stream.ids.length);
    const wasDeleted = stream.isSoftDeleted;
    const metadata = { truncateBefore, ...(maxCount !== undefined && { maxCount }) };
    const { is } = await answerOf(real.client().setStreamMetadata(real.nameOf(name), metadata));
    expect(is).toBe(stream.hasTombstone ? 'stream-deleted' : 'ok');
    if (stream.hasTombstone) return;
    // metadata revives a deleted stream, and one more event hides what was deleted
    model.streams.set(name, {
      ...stream,
      isSoftDeleted: false,
      truncateBefore: wasDeleted ? stream.ids.length : truncateBefore,
      maxCount,
      metadataEvents: stream.metadataEvents + (wasDeleted ? 2 : 1),
    });
  });

const read = (
  name: string,
  direction: 'forwards' | 'backwards',
  from: number | 'start' | 'end',
  maxCount: number,
): Command =>
  command(`read ${name} ${direction} from ${from}, ${maxCount}`, async (model, real) => {
    const stream = streamIn(model, name);
    const shown: [number, string][] = [];
    const all = async (): Promise<{ readonly position?: unknown }> => {
      const fromRevision = typeof from === 'number' ? BigInt(from) : from;
      const options = { direction, fromRevision, maxCount };
      for await (const { event } of real.client().readStream(real.nameOf(name), options))
        if (event) shown.push([Number(event.revision), event.id]);
      return {};
    };
    const answer = await answerOf(all());
    if (from === 'end' && direction === 'forwards') {
      expect(answer).toEqual({ is: 'unknown' });
      return;
    }
    const revisions = visible(stream);
    if ('is' in revisions) {
      expect(answer).toEqual(revisions);
      return;
    }
    expect(answer).toEqual({ is: 'ok' });
    const last = lastRevision(stream);
    const at = from === 'start' ? 0 : from === 'end' ? last : from;
    const wanted =
      direction === 'forwards'
        ? revisions.filter((revision) => revision >= at)
        : revisions.filter((revision) => revision <= at).reverse();
    expect(shown).toEqual(
      wanted.slice(0, maxCount).map((revision) => [revision, stream.ids[revision]]),
    );
  });

/** The whole log of this run: order of acknowledgement, revisions without a gap, metadata and tombstones counted. */
const checkLog = async (model: Model, real: Real): Promise<void> => {
  const ids: string[] = [];
  const positions: bigint[] = [];
  const counts = new Map<string, number>();
  for await (const { event } of real.client().readAll({ fromPosition: real.start })) {
    if (!event?.streamId.includes(real.nameOf(''))) continue; // of others, or of an earlier run
    positions.push(event.position.commit);
    if (event.type === 'Happened') {
      const [name] = [...model.streams.keys()].filter((s) => real.nameOf(s) === event.streamId);
      expect(streamIn(model, name ?? '').ids[Number(event.revision)]).toBe(event.id);
      ids.push(event.id);
    } else counts.set(event.streamId, (counts.get(event.streamId) ?? 0) + 1);
  }
  expect(ids).toEqual(model.log);
  expect(isRising(positions)).toBe(true);
  for (const [name, stream] of model.streams) {
    expect(counts.get(`$$${real.nameOf(name)}`) ?? 0).toBe(stream.metadataEvents);
    expect(counts.get(real.nameOf(name)) ?? 0).toBe(stream.hasTombstone ? 1 : 0);
  }
};

const readLog = (): Command => command('read the log', checkLog);

const restart = (): Command =>
  command('restart', async (_model, real) => {
    await real.restart();
  });

const names = fc.constantFrom('a', 'b', 'ü');
const wishes = fc.constantFrom<Wish>(
  'any',
  'no_stream',
  'stream_exists',
  'last',
  'too-low',
  'too-high',
);
const counts = fc.integer({ min: 0, max: 4 });
const appends = fc.tuple(names, wishes, counts).map((args) => append(...args));
const directions = fc.constantFrom('forwards' as const, 'backwards' as const);
const froms = fc.oneof(fc.nat(6), fc.constantFrom('start' as const, 'end' as const));
const reads = fc
  .tuple(names, directions, froms, fc.integer({ min: 1, max: 5 }))
  .map((args) => read(...args));

const commands = fc.commands(
  [
    appends,
    appends,
    appends,
    reads,
    reads,
    fc.nat().map(repeat),
    fc.tuple(names, fc.constantFrom('any', 'last', 'too-low')).map((args) => softDelete(...args)),
    fc
      .tuple(names, fc.nat(6), fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }))
      .map((args) => setMetadata(...args)),
    fc.tuple(names, fc.constantFrom('any', 'last', 'too-high')).map((args) => tombstone(...args)),
    fc.constant(readLog()),
    // one that is given is not ours to restart
    ...(givenEventStoreUrl === undefined ? [fc.constant(restart())] : []),
  ],
  { maxCommands: 40, size: 'max' },
);

test('whatever is done in whatever order, restarts included, the server answers as the model of EventStoreDB does', async () => {
  // a slow machine tries fewer; fast-check's own time limit leaves a run under way, on a server that is then closed
  const enoughAtMs = performance.now() + 50_000;
  await fc.assert(
    fc.asyncProperty(commands, async (run) => {
      if (performance.now() > enoughAtMs) return;
      const prefix = randomUUID();
      const start = await newestPosition(client);
      const setup = () => ({
        model: { streams: new Map<string, ModelStream>(), log: [], accepted: [] } as Model,
        real: {
          client: () => client,
          restart: async () => {
            await shut();
            await open();
          },
          nameOf: (stream: string) => `${prefix}-${stream}`,
          start,
        },
      });
      await fc.asyncModelRun(setup, [...run, readLog()]);
    }),
    { numRuns: 100 },
  );
});
