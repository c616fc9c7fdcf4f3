import { Type } from '@sinclair/typebox';
import { EventLogUnavailable } from '../../../../domain/event-log';
import { attemptRequests } from '../../../../processes/gateway/attempt-requests';
import { batchAnswers } from '../../../../processes/gateway/batch-answers';
import { beatWriter } from '../../../../processes/gateway/beat-writer';
import { beatAnswers } from '../../../../processes/gateway/beats';
import { rounds } from '../../../../processes/gateway/rounds';
import { metricsRecorder, silentLogger } from '../../../support/processes';
import { unwatched } from '../../../../processes/health/vitals';

const bytes = (body: unknown): Uint8Array => Buffer.from(JSON.stringify(body));
const claimed = '01a2089c-4fc9-7dca-9883-87bd509e2e6c';
const parsed = async (answer: Promise<string>): Promise<unknown> => JSON.parse(await answer);

describe('a batch', () => {
  const schema = Type.Object({ n: Type.Integer() });
  type Answer = { readonly double?: number; readonly detail?: string };
  let maxMessageBytes = 1_000_000;
  const answer = batchAnswers<typeof schema, Answer>({
    schema,
    field: 'numbers',
    answer: ({ n }) => Promise.resolve({ double: n * 2 }),
    invalid: (detail) => ({ detail }),
    maxMessageBytes: () => maxMessageBytes,
    gateway: 'g1',
  });

  test('is answered in order, each by itself', async () => {
    expect(await parsed(answer(bytes({ numbers: [{ n: 1 }, { n: 'x' }, { n: 3 }] })))).toEqual({
      answers: [{ double: 2 }, { detail: 'request/n must be integer' }, { double: 6 }],
      gateway: 'g1',
    });
  });

  test('may have 64 requests, so that one executor cannot swamp a gateway', async () => {
    const numbers = (count: number) => ({
      numbers: Array.from({ length: count }, () => ({ n: 1 })),
    });
    expect(await parsed(answer(bytes(numbers(64))))).toHaveProperty('answers');
    expect(await parsed(answer(bytes(numbers(65))))).toHaveProperty('detail');
  });

  test('has no more requests than one message can carry answers, or its grants would all be lost', async () => {
    const numbers = Array.from({ length: 9 }, () => ({ n: 1 }));
    maxMessageBytes = 8_192;
    expect(await parsed(answer(bytes({ numbers })))).toEqual({
      detail: 'numbers must be a list of 1 to 8',
      gateway: 'g1',
    });
    expect(await parsed(answer(bytes({ numbers: numbers.slice(1) })))).toHaveProperty('answers');
  });

  test('is not needed: an object is answered with an object', async () => {
    expect(await parsed(answer(bytes({ n: 4 })))).toEqual({ double: 8, gateway: 'g1' });
  });
});

describe('claims and reports', () => {
  const setUp = (claim: () => Promise<never>, maxInFlight = 10) => {
    const { counts, gateway } = metricsRecorder();
    const requests = attemptRequests({
      commands: { claim, report: claim },
      draw: () => 0,
      logger: silentLogger,
      metrics: gateway,
      vitals: unwatched,
      started: () => undefined,
      maxInFlight,
    });
    return { counts, requests };
  };
  const claim = {
    jobId: claimed,
    attempt: 1,
    revision: 1,
    executorId: 'x1',
  };

  test.each([new EventLogUnavailable('away'), new TypeError('a bug')])(
    'are answered when the command throws: %s',
    async (error) => {
      const { requests, counts } = setUp(() => Promise.reject(error));
      expect(await requests.claim(claim)).toEqual({
        granted: false,
        code: 'unavailable',
        retryAfterMs: 250,
      });
      expect(counts.of('claim:unavailable')).toBe(1);
    },
  );

  test('beyond what can be under way are asked to come again, so memory stays bounded', async () => {
    const { requests } = setUp(() => new Promise(() => undefined), 2);
    void requests.claim(claim);
    void requests.claim(claim);
    expect(await requests.claim(claim)).toMatchObject({ code: 'unavailable' });
  });
});

describe('heartbeats', () => {
  const beat = (executorId: string, running = 0) => ({ executorId, queue: 'default', running });

  test('that come while a write is under way go together into the next one', async () => {
    const writes: (readonly string[])[] = [];
    const ends: (() => void)[] = [];
    const { write } = beatWriter(
      {
        record: (beats) => {
          writes.push(beats.map(({ executorId }) => executorId));
          return new Promise((resolve) => ends.push(resolve));
        },
      },
      () => 0,
    );
    const written = ['a', 'b', 'c', 'b'].map((id) => write(beat(id)));
    await new Promise(setImmediate);
    expect(writes).toEqual([['a']]);
    ends[0]?.();
    await new Promise(setImmediate);
    expect(writes).toEqual([['a'], ['b', 'c']]);
    ends[1]?.();
    await Promise.all(written);
  });

  test('that are heard and not written make the gateway deaf: silence in the table proves nothing', async () => {
    let nowMs = 0;
    let fail: (error: Error) => void = () => undefined;
    const writer = beatWriter(
      { record: () => new Promise((_, reject) => (fail = reject)) },
      () => nowMs,
    );
    const written = writer.write(beat('a')).catch(() => undefined);
    nowMs = 3_000;
    expect(writer.hasMissed(3_000)).toBe(false);
    nowMs = 3_001;
    expect(writer.hasMissed(3_000)).toBe(true);
    fail(new Error('the database is away'));
    await written;
    expect(writer.hasMissed(3_000)).toBe(true);
    expect(writer.hasMissed(3_000)).toBe(false);
  });

  const answers = (write: () => Promise<void>) =>
    beatAnswers({
      writer: { write },
      serves: () => undefined,
      compare: () => Promise.resolve({ abort: [] }),
      rounds: rounds(),
      maxMessageBytes: () => 1_000_000,
      logger: silentLogger,
      gateway: 'g1',
    });

  test('that cannot be written down are answered as such, and so are those that cannot be read', async () => {
    const answer = answers(() => Promise.reject(new Error('the database is away')));
    expect(await parsed(answer(bytes(beat('a'))))).toMatchObject({ code: 'unavailable' });
    expect(await parsed(answer(bytes({})))).toMatchObject({ code: 'invalid-request' });
    expect(await parsed(answer(Buffer.from('{')))).toMatchObject({ code: 'invalid-request' });
  });

  test('may name 4,096 runs', async () => {
    const answer = answers(() => Promise.resolve());
    const naming = (count: number) => ({
      ...beat('a'),
      runs: Array.from({ length: count }, () => ({ jobId: claimed, attempt: 1 })),
    });
    expect(await parsed(answer(bytes(naming(4_096))))).toEqual({ abort: [], gateway: 'g1' });
    expect(await parsed(answer(bytes(naming(4_097))))).toMatchObject({ code: 'invalid-request' });
  });
});
