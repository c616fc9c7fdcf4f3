import { natsRequests } from '../../../infra/nats/requests';
import { jobStream } from '../../../domain/ids';
import { hostileBytes, hostileValues } from '../../support/hostile-json';
import { until } from '../../support/until';
import { createWorld, type World } from './world';

let world: World;

beforeAll(async () => {
  world = await createWorld();
  world.run(world.projector());
  world.run(world.dispatcher());
  world.run(world.gateway());
});
afterAll(async () => {
  await world.dispose();
});

const subjects = ['executor.claim', 'executor.report', 'executor.heartbeat'] as const;

const request = async (subject: string, body: unknown): Promise<unknown> => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await natsRequests(world.connection).ask(subject, text, 60_000);
  return JSON.parse(Buffer.from(answer).toString('utf8'));
};

/** The same value wherever a request has one. */
const textsOf = (value: string): readonly string[] => [
  value,
  `{"jobId":${value}}`,
  `{"claims":[${value}],"reports":[${value}]}`,
  `{"claims":${value},"reports":${value}}`,
  `{"executorId":"x","queue":"default","running":${value}}`,
  `{"more":${value}}`,
];

test.each(subjects)('%s refuses whatever is thrown at it, and goes on', async (subject) => {
  const answers = await Promise.all(
    hostileValues.flatMap(({ value }) => textsOf(value)).map((text) => request(subject, text)),
  );
  for (const answer of answers) expect(JSON.stringify(answer)).toMatch(/"code":"invalid-request"/);
  for (const bytes of hostileBytes) {
    const { data } = await world.connection.request(subject, bytes, { timeout: 60_000 });
    expect(data.toString()).toBeDefined();
  }
  expect(world.counts.of(`unforeseen:${subject}`)).toBe(0);
});

test('after all of it a claim is granted, a bad result refused alone, and a good one kept', async () => {
  const jobId = await world.schedule(0);
  await world.untilStory(jobId, 'JobDispatched');
  const claim = { jobId, attempt: 1, revision: 1, executorId: 'x1' };
  const { token } = (await request('executor.claim', claim)) as { token: string };
  const report = (result: string): string =>
    `{"jobId":"${jobId}","attempt":1,"token":${JSON.stringify(token)},"outcome":{"status":"succeeded","result":${result}}}`;
  const refused = { accepted: false, code: 'invalid-request' };
  for (const { value } of hostileValues)
    expect(await request('executor.report', report(value))).toMatchObject(refused);
  expect(await request('executor.report', report('{"rows":7}'))).toMatchObject({ accepted: true });
  const last = (await world.log.read(jobStream(jobId))).at(-1);
  expect(last).toMatchObject({ type: 'JobSucceeded', data: { result: { rows: 7 } } });
});

test('messages that nobody can read are dropped, and the good one behind them runs', async () => {
  const ran: string[] = [];
  const executing = world.run(
    world.executor({
      handlers: {
        print: ({ jobId }) => {
          ran.push(jobId);
          return Promise.resolve({ status: 'succeeded' });
        },
      },
    }),
  );
  const stream = world.connection.jetstream();
  const nobody = '00000000-0000-4000-8000-000000000000';
  for (const { value } of hostileValues)
    await stream.publish(`jobs.due.default.${nobody}`, Buffer.from(`{"data":${value}}`));
  const jobId = await world.schedule(0);
  await world.untilStory(jobId, 'JobSucceeded');
  expect(ran).toContain(jobId);
  await until(
    () => Promise.resolve(world.counts.of('poison') >= hostileValues.length || undefined),
    {
      what: 'all bad messages are dropped',
    },
  );
  await executing.stop();
});
