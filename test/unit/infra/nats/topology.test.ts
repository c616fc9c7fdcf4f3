import { NatsError, type NatsConnection, type StreamInfo } from 'nats';
import { DueStreamUnfit, dueStreamInfo } from '../../../../infra/nats/topology';
import { plainBroker } from '../../../support/names';

const refusal = (code: number): NatsError => {
  const error = new NatsError('refused', String(code));
  error.api_error = { code: 400, err_code: code, description: 'refused' };
  return error;
};
const NO_STREAM = refusal(10_059);
const SUBJECTS_TAKEN = refusal(10_065);

/** A broker that takes no stream and has, look by look, none or one. */
const broker = (looks: readonly (StreamInfo | undefined)[]) => {
  const left = [...looks];
  const streams = {
    info: () => {
      const found = left.length > 1 ? left.shift() : left[0];
      return found ? Promise.resolve(found) : Promise.reject(NO_STREAM);
    },
    add: () => Promise.reject(SUBJECTS_TAKEN),
    update: () => Promise.reject(new Error('nothing is changed')),
  };
  return {
    info: {},
    jetstreamManager: () => Promise.resolve({ streams }),
    status: async function* () {
      // nothing happens to the connection
    },
  } as unknown as NatsConnection;
};
const settings = { maxBytes: 1_024 ** 2 };
const made = (config: object = {}): StreamInfo =>
  ({
    created: 'now',
    config: {
      name: plainBroker.stream,
      subjects: [plainBroker.dueSubjects],
      retention: 'workqueue',
      storage: 'file',
      discard: 'new',
      max_bytes: settings.maxBytes,
      duplicate_window: 120_000_000_000,
      num_replicas: 1,
      ...config,
    },
  }) as unknown as StreamInfo;

test('a broker on which somebody else just makes the stream says that its subjects are taken: it is looked for until it is there', async () => {
  const connection = broker([undefined, undefined, undefined, made()]);
  expect(await dueStreamInfo(connection, plainBroker, settings)).toMatchObject({ created: 'now' });
});

test('subjects that another stream has are a refusal, told as it came', async () => {
  const connection = broker([undefined]);
  await expect(dueStreamInfo(connection, plainBroker, settings)).rejects.toBe(SUBJECTS_TAKEN);
});

test('a stream that turns up and will not do is refused all the same', async () => {
  const connection = broker([undefined, made({ retention: 'limits' })]);
  await expect(dueStreamInfo(connection, plainBroker, settings)).rejects.toThrow(DueStreamUnfit);
});
