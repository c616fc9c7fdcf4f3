import { heartbeats } from '../../../../processes/executing/heartbeats';
import type { HeartbeatAnswer } from '../../../../processes/protocol/heartbeat';
import { until } from '../../../support/until';

type Line = { readonly level: string; readonly message: string; readonly fields: object };

/** Beats until a gateway has been asked so often; its answers are those given, the last one again and again. */
const beaten = async (...answers: readonly (HeartbeatAnswer | Error)[]) => {
  const lines: Line[] = [];
  const keep = (level: string) => (fields: object, message: string) => {
    lines.push({ level, message, fields });
  };
  const stopping = new AbortController();
  let beats = 0;
  const done = heartbeats(
    {
      executorId: 'e-1',
      queueName: 'default',
      gateway: {
        beat: () => {
          const answer = answers[Math.min(beats++, answers.length - 1)];
          return answer instanceof Error
            ? Promise.reject(answer)
            : Promise.resolve(answer ?? heard);
        },
      },
      cannotTake: () => undefined,
      inFlight: { inFlight: () => [], running: () => 0, abort: () => undefined },
      logger: {
        debug: keep('debug'),
        info: keep('info'),
        warn: keep('warn'),
        error: keep('error'),
      },
      heartbeatEveryMs: 5,
    },
    stopping.signal,
  );
  await until(() => beats > answers.length + 2, { what: 'all answers were given' });
  stopping.abort();
  await done;
  return lines;
};

const heard: HeartbeatAnswer = { abort: [] };
const away = new Error('503: no responders');

test('an executor that starts before the gateways says once that it waits, for nothing is wrong yet', async () => {
  expect(await beaten(away, away, away, heard)).toEqual([
    {
      level: 'info',
      message: 'the executor waits for a gateway',
      fields: { executorId: 'e-1', reason: '503: no responders' },
    },
    { level: 'info', message: 'a gateway hears the heartbeats', fields: { executorId: 'e-1' } },
  ]);
});

test('beats that are no longer heard are one plain line, whose stack would tell of nothing but the client', async () => {
  expect(await beaten(heard, away, away, away)).toEqual([
    {
      level: 'warn',
      message: 'a heartbeat was not heard; beating on',
      fields: { executorId: 'e-1', reason: '503: no responders' },
    },
  ]);
});

test('a beat that is answered and not counted is not heard: whoever is not heard for long is given up', async () => {
  const lines = await beaten(heard, { abort: [], code: 'unavailable' }, heard);
  expect(lines.map(({ level, message }) => `${level} ${message}`)).toEqual([
    'warn a heartbeat was not heard; beating on',
    'info a gateway hears the heartbeats',
  ]);
});

test('who is heard at once says nothing: that is as it should be', async () => {
  expect(await beaten(heard)).toEqual([]);
});
