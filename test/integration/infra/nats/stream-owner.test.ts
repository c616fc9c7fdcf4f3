import { connectBroker, type Broker } from '../../../../infra/nats/connection';
import { forgetDueMessages } from '../../../../infra/nats/forget-messages';
import { ownerIn, StreamOfOtherSystem } from '../../../../infra/nats/stream-owner';
import { ensureDueStream } from '../../../../infra/nats/topology';
import { ServerUnfit } from '../../../../infra/server-check';
import { openNats } from '../../../../processes/composition/shared-nats';
import { resources } from '../../../../processes/runtime/resources';
import { parseConfig } from '../../../../processes/settings/config';
import { ownNats, type TestNats } from '../../../support/nats';
import { silentLogger } from '../../../support/processes';
import { until } from '../../../support/until';
import { plainBroker } from '../../../support/names';

const ours = '019ab3c4-5d6e-7f80-9a1b-000000000901';
const theirs = '019ab3c4-5d6e-7f80-9a1b-000000000902';
const maxBytes = 64 * 1024 ** 2;

let nats: TestNats;
let broker: Broker;

beforeEach(async () => {
  nats = await ownNats();
  broker = await connectBroker({ url: nats.url, name: 'owner-test' });
});

afterEach(async () => {
  await broker.close();
  await nats.dispose();
});

const manager = () => broker.connection.jetstreamManager();
const info = async () => await (await manager()).streams.info(plainBroker.stream);
const ensure = (systemId?: string, bytes = maxBytes) =>
  ensureDueStream(broker.connection, plainBroker, {
    maxBytes: bytes,
    ...(systemId !== undefined && { systemId }),
  });

test('a stream is of the system that made it, and another one gets it neither as it is nor changed', async () => {
  await ensure(ours);
  expect(ownerIn((await info()).config.description)).toBe(ours);
  await ensure(ours, 2 * maxBytes);
  await expect(ensure(theirs, maxBytes)).rejects.toThrow(StreamOfOtherSystem);
  expect((await info()).config).toMatchObject({
    description: `Punctual system ${ours}`,
    max_bytes: 2 * maxBytes,
  });
});

test('a stream of a build that named none is taken, with its messages and what an administrator wrote there', async () => {
  await ensure();
  await broker.connection.jetstream().publish('jobs.due.default.j1', 'kept');
  await (await manager()).streams.update(plainBroker.stream, { description: 'do not touch' });
  await ensure(ours);
  await ensure(ours); // once more: what it says is kept
  const { config, state } = await info();
  expect(config.description).toBe(`do not touch (Punctual system ${ours})`);
  expect(state.messages).toBe(1);
  await expect(ensure(theirs)).rejects.toThrow(StreamOfOtherSystem);
});

test('of two systems that come to an empty broker at once one has the stream', async () => {
  const answers = await Promise.allSettled([ensure(ours), ensure(theirs)]);
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('messages that are forgotten are gone with their ids: the same ones are taken again', async () => {
  await ensure(ours);
  const send = () =>
    broker.connection.jetstream().publish('jobs.due.default.j1', 'x', { msgID: 'j1@1' });
  await send();
  await forgetDueMessages({ url: nats.url }, plainBroker);
  await forgetDueMessages({ url: nats.url }, plainBroker); // again: it is not there
  await ensure(ours);
  expect(await send()).toMatchObject({ duplicate: false });
});

describe('a program', () => {
  const opened = resources();
  afterEach(() => opened.close());

  const open = (systemId: string, onUnfit: (error: ServerUnfit) => void = () => undefined) =>
    openNats({ ...parseConfig({}), NATS_URL: nats.url }, plainBroker, opened.own, silentLogger, {
      systemId,
      onUnfit,
      onTrouble: () => undefined,
      onCalm: () => undefined,
    });

  test('does not start on the broker of another system: its executors would run our jobs, and ours theirs', async () => {
    await open(theirs);
    await expect(open(ours)).rejects.toThrow(
      new RegExp(
        `^NATS_URL \\(nats://127.0.0.1:\\d+\\): tried .* system ${ours}, found that of the system ${theirs}. Name`,
      ),
    );
    await expect(open(ours)).rejects.toThrow(ServerUnfit);
  });

  test('is told when the broker comes back as that of another system', async () => {
    const told: ServerUnfit[] = [];
    await open(ours, (error) => told.push(error));
    await (await manager()).streams.delete(plainBroker.stream);
    await ensure(theirs);
    await nats.kill();
    await nats.start();
    await until(() => told.length > 0);
    expect(told[0]?.message).toContain(`found that of the system ${theirs}`);
  });
});
