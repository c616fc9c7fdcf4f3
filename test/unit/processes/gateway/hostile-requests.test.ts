import type { ReportAnswer } from '../../../../processes/protocol/report';
import { attemptRequests } from '../../../../processes/gateway/attempt-requests';
import { batchAnswers } from '../../../../processes/gateway/batch-answers';
import { beatAnswers } from '../../../../processes/gateway/beats';
import { lastHandler } from '../../../../processes/gateway/last-handler';
import { ReportRequest } from '../../../../processes/protocol/report';
import { hostileBytes, hostileValues } from '../../../support/hostile-json';
import { metricsRecorder, silentLogger } from '../../../support/processes';
import { unwatched } from '../../../../processes/health/vitals';

const jobId = '01a2089c-4fc9-7dca-9883-87bd509e2e6c';

const report = (result: string): string =>
  `{"jobId":"${jobId}","attempt":1,"token":"t","outcome":{"status":"succeeded","result":${result}}}`;
const good = report('{"rows":7}');

const setUp = () => {
  const reported: unknown[] = [];
  const requests = attemptRequests({
    commands: {
      claim: () => Promise.reject(new Error('not asked here')),
      report: ({ outcome }) => {
        reported.push(outcome);
        return Promise.resolve({ accepted: true });
      },
    },
    draw: () => 0,
    logger: silentLogger,
    metrics: metricsRecorder().gateway,
    vitals: unwatched,
    started: () => undefined,
    maxInFlight: 100,
  });
  const answers = batchAnswers<typeof ReportRequest, ReportAnswer>({
    schema: ReportRequest,
    field: 'reports',
    answer: requests.report,
    invalid: (detail) => ({ accepted: false, code: 'invalid-request', detail }),
    maxMessageBytes: () => 1_000_000,
    gateway: 'g',
  });
  const send = async (text: string | Uint8Array): Promise<unknown> =>
    JSON.parse(await answers(Buffer.from(text)));
  return { reported, send };
};
const refused = { accepted: false, code: 'invalid-request' };

test.each(hostileValues)('a result with $why is refused and not recorded', async ({ value }) => {
  const { reported, send } = setUp();
  expect(await send(report(value))).toMatchObject(refused);
  expect(reported).toEqual([]);
});

test.each(hostileValues.filter(({ flaw }) => flaw !== undefined))(
  'in a batch it alone is refused: $why',
  async ({ value, flaw }) => {
    const { reported, send } = setUp();
    const batch = `{"reports":[${good},${report(value)},${good}]}`;
    expect(await send(batch)).toMatchObject({
      answers: [{ accepted: true }, { ...refused }, { accepted: true }],
    });
    const { answers } = (await send(batch)) as { answers: readonly { detail?: string }[] };
    expect(answers[1]?.detail).toContain(flaw);
    expect(reported).toHaveLength(4);
  },
);

test.each(hostileValues.filter(({ flaw }) => flaw === undefined))(
  'a text that cannot be read as a whole is refused as a whole: $why',
  async ({ value }) => {
    const { reported, send } = setUp();
    expect(await send(`{"reports":[${good},${report(value)}]}`)).toMatchObject(refused);
    expect(reported).toEqual([]);
  },
);

test('one report full of bad numbers does not spoil the others of its batch', async () => {
  const { send } = setUp();
  const bad = report(`[${Array(5_000).fill('1e999').join(',')}]`);
  expect(await send(`{"reports":[${bad},${good}]}`)).toMatchObject({
    answers: [refused, { accepted: true }],
  });
});

test.each([
  [32, true],
  [33, false],
])('a result of %d levels: accepted is %s, alone and in a batch', async (levels, accepted) => {
  const { send } = setUp();
  const text = report('['.repeat(levels) + ']'.repeat(levels));
  expect(await send(text)).toMatchObject({ accepted });
  expect(await send(`{"reports":[${text}]}`)).toMatchObject({ answers: [{ accepted }] });
});

test('a result comes through as the value that it was', async () => {
  const { reported, send } = setUp();
  await send(report('{"__proto__":1,"constructor":2.50,"ü":[null]}'));
  expect(JSON.stringify(reported)).toBe(
    '[{"status":"succeeded","result":{"__proto__":1,"constructor":2.5,"ü":[null]}}]',
  );
});

test.each(hostileBytes.map((bytes) => [Buffer.from(bytes).toString('hex'), bytes] as const))(
  'bytes that are no JSON text are refused: %s',
  async (_, bytes) => {
    expect(await setUp().send(bytes)).toMatchObject(refused);
  },
);

describe('a heartbeat', () => {
  const setUpBeats = () => {
    const written: string[] = [];
    const answer = beatAnswers({
      writer: {
        write: ({ executorId }) => {
          written.push(executorId);
          return Promise.resolve();
        },
      },
      serves: () => undefined,
      compare: () => Promise.resolve({ abort: [] }),
      rounds: { latestEnded: () => 0 },
      maxMessageBytes: () => 1_000_000,
      logger: silentLogger,
      gateway: 'g',
    });
    const beat = async (running: string): Promise<unknown> =>
      JSON.parse(
        await answer(
          Buffer.from(`{"executorId":"x${running}","queue":"default","running":${running}}`),
        ),
      );
    return { written, beat };
  };

  test.each(['2147483648', '9007199254740993', '1e999', '-1', '1.5'])(
    'with running %s is refused, for Postgres has no such integer, and spoils no other beat',
    async (running) => {
      const { written, beat } = setUpBeats();
      const [bad, fine] = await Promise.all([beat(running), beat('2147483647')]);
      expect(bad).toMatchObject({ code: 'invalid-request' });
      expect(fine).toEqual({ abort: [], gateway: 'g' });
      expect(written).toEqual(['x2147483647']);
    },
  );
});

test('what nobody had thought of is a refusal, counted and logged, and no end of the process', async () => {
  const { counts, gateway } = metricsRecorder();
  const lines: string[] = [];
  const handle = lastHandler(
    {
      subject: 'executor.claim',
      refusal: { granted: false, code: 'unavailable', retryAfterMs: 1_000 },
      logger: { ...silentLogger, error: (_, message) => lines.push(message) },
      unforeseen: gateway.unforeseen,
    },
    () => Promise.reject(new RangeError('Maximum call stack size exceeded')),
  );
  expect(JSON.parse(await handle(Buffer.from('{}')))).toEqual({
    granted: false,
    code: 'unavailable',
    retryAfterMs: 1_000,
  });
  expect(counts.of('unforeseen:executor.claim')).toBe(1);
  expect(lines).toEqual(['a request could not be handled']);
});
