import {
  childEnvironment,
  doubleSettings,
  parseConfig,
} from '../../../../processes/settings/config';
import { formerlyNamed, valueOf } from '../../../../processes/settings/variables';

test('a setting is taken from PUNCTUAL_<NAME>, for EVENTSTORE_… is the name space of the server itself', () => {
  const config = parseConfig({
    PUNCTUAL_EVENTSTORE_URL: 'esdb://log:2113',
    PUNCTUAL_PROCESSES: 'dispatcher',
    PUNCTUAL_API_KEYS: '0123456789abcdef:ada:user',
    PUNCTUAL_OWNER_QUEUES: 'ada=mail',
    PUNCTUAL_HTTP_PORT: '1',
  });
  expect(config).toMatchObject({
    EVENTSTORE_URL: 'esdb://log:2113',
    HTTP_PORT: 1,
    processes: ['dispatcher'],
    apiKeys: [{ principalId: 'ada' }],
    ownerQueues: [{ ownerId: 'ada' }],
  });
});

test('the plain names go on working, so that nobody has to change a deployment', () => {
  expect(parseConfig({ NATS_URL: 'nats://broker' }).NATS_URL).toBe('nats://broker');
});

test('where both are set ours goes before: the plain name may be meant for another program. The log says so, without values', () => {
  const env = {
    PUNCTUAL_POSTGRES_URL: 'postgres://a:marked@ours',
    POSTGRES_URL: 'postgres://b:marked@theirs',
    PUNCTUAL_NATS_URL: 'nats://same',
    NATS_URL: 'nats://same',
    PUNCTUAL_HTTP_PORT: '',
    HTTP_PORT: '7',
  };
  expect(parseConfig(env)).toMatchObject({
    POSTGRES_URL: 'postgres://a:marked@ours',
    HTTP_PORT: 7, // an empty variable is an absent one
  });
  expect(doubleSettings(env)).toBe(
    'taken, where both are set and differ: PUNCTUAL_POSTGRES_URL over POSTGRES_URL',
  );
  expect(doubleSettings({ NATS_URL: 'nats://only' })).toBeUndefined();
});

test('a mistake names the variable that was set, which is what a person looks for in a file', () => {
  const parse = () =>
    parseConfig({ PUNCTUAL_HTTP_PORT: 'eighty', LOG_LEVEL: 'loud', PUNCTUAL_PROCESSES: 'clock' });
  expect(parse).toThrow(/^- PUNCTUAL_HTTP_PORT must be integer/m);
  expect(parse).toThrow(/^- LOG_LEVEL must be/m);
  expect(parse).toThrow(/^- PUNCTUAL_PROCESSES has "clock"/m);
});

test('a misspelt PUNCTUAL_… stops the start: it would do nothing, and nobody would know', () => {
  const parse = () =>
    parseConfig({ PUNCTUAL_POSTGRES_ULR: 'postgres://a:marked@b', PUNCTUAL_COLOUR: 'x' });
  expect(parse).toThrow(
    '- PUNCTUAL_POSTGRES_ULR is no setting: did you mean PUNCTUAL_POSTGRES_URL?',
  );
  expect(parse).toThrow(/^- PUNCTUAL_COLOUR is no setting$/m);
  expect(parse).not.toThrow(/marked/);
});

test('what Kubernetes tells of a service named punctual is no setting and no mistake', () => {
  const config = parseConfig({
    PUNCTUAL_SERVICE_HOST: '10.0.0.1',
    PUNCTUAL_SERVICE_PORT: '8080',
    PUNCTUAL_SERVICE_PORT_HTTP: '8080',
    PUNCTUAL_PORT: 'tcp://10.0.0.1:8080',
    PUNCTUAL_PORT_8080_TCP: 'tcp://10.0.0.1:8080',
    PUNCTUAL_PORT_8080_TCP_PROTO: 'tcp',
    PUNCTUAL_PORT_8080_TCP_PORT: '8080',
    PUNCTUAL_PORT_8080_TCP_ADDR: '10.0.0.1',
    PUNCTUAL_HTTP_PORT: 'tcp://10.0.0.2:80', // of a service named punctual-http
  });
  expect(config.HTTP_PORT).toBe(8_080);
});

test('users of the event store stand in an environment that all programs share', () => {
  expect(() => parseConfig({ PUNCTUAL_EVENTSTORE_USERS: 'ada:marked-password' })).not.toThrow();
});

test("a child gets its parent's settings under the names that were set, and the parent's own in their place", () => {
  const env = {
    PATH: '/bin',
    HTTP_PORT: '8080',
    PUNCTUAL_LOG_LEVEL: 'warn',
    LOG_LEVEL: 'info',
    NATS_URL: 'nats://given',
  };
  const child = childEnvironment(env, {
    HTTP_PORT: '40001',
    NATS_URL: 'nats://given',
    PROCESSES: 'web',
  });
  expect(child).toEqual({
    PATH: '/bin',
    PUNCTUAL_HTTP_PORT: '40001',
    PUNCTUAL_LOG_LEVEL: 'warn',
    NATS_URL: 'nats://given',
    PUNCTUAL_PROCESSES: 'web',
  });
  expect(doubleSettings(child)).toBeUndefined();
  expect(valueOf(child, 'NATS_URL')).toBe('nats://given');
});

describe('a setting that had another name', () => {
  const secret = 'x'.repeat(32);

  test.each(['PUNCTUAL_SEAL_SECRET', 'SEAL_SECRET'])(
    'goes on working as %s, so that an upgrade changes no deployment; a line says what to use',
    (old) => {
      expect(parseConfig({ [old]: secret }).SIGNING_SECRET).toBe(secret);
      expect(formerlyNamed({ [old]: secret })).toBe(
        `settings with a new name, of which the old one still works: ${old} is PUNCTUAL_SIGNING_SECRET now`,
      );
    },
  );

  test('is taken under its new name where both are set, as any that is given twice', () => {
    const env = { PUNCTUAL_SEAL_SECRET: 'y'.repeat(32), SIGNING_SECRET: secret };
    expect(parseConfig(env).SIGNING_SECRET).toBe(secret);
    expect(doubleSettings(env)).toMatch(/: SIGNING_SECRET over PUNCTUAL_SEAL_SECRET$/);
  });

  test('is named in a mistake as it was given', () => {
    expect(() => parseConfig({ SEAL_SECRET: 'short' })).toThrow(/^- SEAL_SECRET must/m);
  });

  test('has its new name in a child, or each program of a stack would say the same line', () => {
    const child = childEnvironment({ PUNCTUAL_SEAL_SECRET: secret }, {});
    expect(child).toEqual({ PUNCTUAL_SIGNING_SECRET: secret });
    expect(formerlyNamed(child)).toBeUndefined();
  });
});
