import { ServerUnfit, type ServerCheck, type Verdict } from '../../../../infra/server-check';
import type { Logger } from '../../../../processes/runtime/logger';
import { passChecks } from '../../../../processes/starting/server-checks';
import { silentLogger } from '../../../support/processes';

const checkOf = (name: string, look: () => Promise<Verdict>): ServerCheck => ({
  setting: 'NATS_URL',
  name,
  look,
});
const given = (name: string, verdict: Verdict) => checkOf(name, () => Promise.resolve(verdict));
const url = 'nats://app:hunter2@host:4222';
const how = {
  url,
  withinMs: 300,
  logger: silentLogger,
  mayPass: (error: unknown) => !(error instanceof ServerUnfit),
  unfit: (tried: string, error: unknown) =>
    new ServerUnfit({ setting: 'NATS_URL', url, tried, found: String(error), remedy: 'Look.' }),
};

test('what is missing ends the checks with a sentence that names all and shows no password', async () => {
  const after = jest.fn<Promise<Verdict>, []>();
  const checks = [
    given('the door', { outcome: 'ok' }),
    given('the key', { outcome: 'missing', found: 'no key', remedy: 'Find it.' }),
    checkOf('the room', after),
  ];
  const error: unknown = await passChecks(checks, how).catch((failure: unknown) => failure);
  expect(error).toBeInstanceOf(ServerUnfit);
  expect((error as Error).message).toBe(
    'NATS_URL (nats://app@host:4222): tried the key, found no key. Find it.',
  );
  expect(after).not.toHaveBeenCalled();
});

test('what is there in part is told in the log, and no reason to stop', async () => {
  const lines: object[] = [];
  const logger = {
    ...silentLogger,
    warn: (fields: object) => lines.push(fields),
  } as unknown as Logger;
  const part: Verdict = { outcome: 'reduced', found: 'half', remedy: 'Raise it.' };
  await passChecks([given('room', part)], { ...how, logger });
  expect(lines).toEqual([
    { setting: 'NATS_URL', check: 'room', found: 'half', remedy: 'Raise it.' },
  ]);
});

test('a server that does not answer yet is asked again; one that never does ends the wait', async () => {
  let tries = 0;
  const late = checkOf('answer', () =>
    ++tries < 3 ? Promise.reject(new Error('away')) : Promise.resolve({ outcome: 'ok' }),
  );
  await passChecks([late], how);
  expect(tries).toBe(3);
  const never = checkOf('answer', () => Promise.reject(new Error('away')));
  await expect(passChecks([never], how)).rejects.toThrow('tried answer, found Error: away. Look.');
});
