import { randomUUID } from 'node:crypto';
import { jsonEvent } from '@eventstore/db-client';
import { Empty, ReadReq, ReadResp } from '../../wire/generated';
import { openStoreUnderTest, type StoreUnderTest } from '../../../../test/support/event-store';
import { frame, messagesIn, openRawAt, rawCall } from '../../../../test/support/raw-grpc';

// this client has filters for subscriptions only; its successor, @kurrent/kurrentdb-client, sends them with reads too

const { Options } = ReadReq;
const { FORWARDS, BACKWARDS } = Options.ReadDirection;

const run = randomUUID();
const [match, noise] = [`match-${run}`, `noise-${run}`];
/** More than a page, in groups with others between them. */
const matches = 120;

let store: StoreUnderTest;
beforeAll(async () => {
  store = await openStoreUnderTest();
  const events = (type: string, count: number) =>
    Array.from({ length: count }, () => jsonEvent({ type, data: {} }));
  for (let n = 0; n < matches; n += 3) {
    await store.client.appendToStream(match, events(`Match${run}`, 3));
    await store.client.appendToStream(noise, events('Noise', 5));
  }
});
afterAll(async () => await store.close());

const byStream = () => new Options.FilterOptions().setStreamIdentifier(prefix('match-'));
const byType = () => new Options.FilterOptions().setEventType(expression(`^Match${run}$`));
const prefix = (text: string) => {
  const prefixes = new Options.FilterOptions.Expression();
  prefixes.addPrefix(`${text}${run}`);
  return prefixes;
};
const expression = (regex: string) => new Options.FilterOptions.Expression().setRegex(regex);

type Asked = {
  readonly direction: typeof FORWARDS | typeof BACKWARDS;
  readonly from: InstanceType<typeof Options.AllOptions>;
  readonly count: number;
  readonly filter: InstanceType<typeof Options.FilterOptions>;
};

/** Revisions in the stream that matches, as they came; NaN for an event of another. */
const read = async ({ direction, from, count, filter }: Asked): Promise<readonly number[]> => {
  const options = new Options()
    .setAll(from)
    .setReadDirection(direction)
    .setCount(String(count))
    .setFilter(filter.setMax(32).setCheckpointintervalmultiplier(1))
    .setUuidOption(new Options.UUIDOption().setString(new Empty()));
  const { session, headers } = openRawAt(store.url);
  const answer = await rawCall(session, {
    path: '/event_store.client.streams.Streams/Read',
    body: frame(new ReadReq().setOptions(options).serializeBinary()),
    headers,
  });
  session.close();
  expect(answer).toMatchObject({ status: '0' });
  return messagesIn(answer.body).flatMap((message) => {
    const event = ReadResp.deserializeBinary(message).getEvent()?.getEvent();
    if (!event) return []; // it may tell how far it has looked
    const stream = Buffer.from(event.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString();
    return [stream === match ? Number(event.getStreamRevision()) : NaN];
  });
};

const start = () => {
  const { commit, prepare } = store.start;
  const position = new Options.Position()
    .setCommitPosition(String(commit))
    .setPreparePosition(String(prepare));
  return new Options.AllOptions().setPosition(position);
};
const end = () => new Options.AllOptions().setEnd(new Empty());
const all = [...Array(matches).keys()];

test.each([
  ['stream name', byStream],
  ['event type', byType],
] as const)(
  'a read of the log by %s gives what matches, in its order, both ways',
  async (_, by) => {
    const forwards = { direction: FORWARDS, from: start(), count: 1_000, filter: by() };
    expect(await read(forwards)).toEqual(all);
    // no more than there are: a read goes on looking, back to the first event of all
    const backwards = { direction: BACKWARDS, from: end(), count: matches, filter: by() };
    expect(await read(backwards)).toEqual([...all].reverse());
  },
);

test.each([1, 40, matches])(
  'at most %d are as many that match, however many lie between',
  async (count) => {
    const filter = byStream();
    expect(await read({ direction: FORWARDS, from: start(), count, filter })).toEqual(
      all.slice(0, count),
    );
    expect(await read({ direction: BACKWARDS, from: end(), count, filter })).toEqual(
      [...all].reverse().slice(0, count),
    );
  },
);
