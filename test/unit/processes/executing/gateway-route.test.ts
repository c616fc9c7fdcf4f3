import { gatewayRoute } from '../../../../processes/executing/gateway-route';
import { manualTimers } from '../../../support/manual-timers';

/** Gateways that answer after a while, or are frozen; `group` picks whoever is told. */
const setUp = () => {
  const timers = manualTimers();
  const sent: string[] = [];
  const frozen = new Set<string>();
  let tookMs = 10;
  let picks: readonly string[] = ['g1'];
  const { ask: route, heardOf } = gatewayRoute({
    timers,
    timeoutMs: 5_000,
    ask: (subject, _text, timeoutMs) => {
      sent.push(subject);
      const direct = subject.split('.')[2];
      const [picked = 'g1', ...others] = picks;
      if (direct === undefined && others.length > 0) picks = others;
      const gateway = direct ?? picked;
      return new Promise((resolve, reject) => {
        if (frozen.has(gateway))
          timers.after(timeoutMs, () => {
            reject(new Error('no answer'));
          });
        else
          timers.after(tookMs, () => {
            resolve(Buffer.from(JSON.stringify({ granted: true, gateway })));
          });
      });
    },
  });
  const settle = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 5) {
      timers.advance(5);
      await new Promise(setImmediate);
    }
  };
  return {
    timers,
    sent,
    settle,
    frozen,
    route,
    heardOf,
    pick: (...names: readonly string[]) => (picks = names),
    take: (ms: number) => (tookMs = ms),
  };
};

test('the gateway that answered last is asked again, alone', async () => {
  const { route, sent, settle } = setUp();
  const asked = route('executor.claim', '{}');
  await settle(20);
  expect(await asked).toEqual({ granted: true, gateway: 'g1' });
  void route('executor.report', '{}');
  expect(sent).toEqual(['executor.claim', 'executor.report.g1']);
});

test('an answer that is very late is asked for from all others, and the next requests go to who gave it', async () => {
  const { route, sent, settle, frozen, pick, timers } = setUp();
  void route('executor.claim', '{}');
  await settle(20);
  frozen.add('g1');
  pick('g1', 'g1', 'g2');
  const startedAtMs = timers.monotonicMs();
  let answeredAtMs: number | undefined;
  const asked = route('executor.claim', '{}').then((answer) => {
    answeredAtMs = timers.monotonicMs();
    return answer;
  });
  await settle(3_000);
  expect(await asked).toMatchObject({ gateway: 'g2' });
  expect((answeredAtMs ?? Infinity) - startedAtMs).toBeLessThan(2_000);
  expect(sent.slice(1)).toEqual([
    'executor.claim.g1',
    'executor.claim',
    'executor.claim',
    'executor.claim',
  ]);
  void route('executor.claim', '{}');
  expect(sent.at(-1)).toBe('executor.claim.g2');
});

test('a gateway that has answered a beat is asked by name, not one that the broker picks', async () => {
  const { route, heardOf, sent, settle, frozen } = setUp();
  void route('executor.claim', '{}');
  await settle(20);
  heardOf('g2');
  frozen.add('g1');
  const asked = route('executor.claim', '{}');
  await settle(400);
  expect(await asked).toMatchObject({ gateway: 'g2' });
  expect(sent.slice(1)).toEqual(['executor.claim.g1', 'executor.claim.g2']);
});

test('answers that are slow for all are waited for, so that overload is not doubled', async () => {
  const { route, sent, settle, take } = setUp();
  take(1_000);
  const asked = Array.from({ length: 200 }, () => route('executor.claim', '{}'));
  await settle(1_200);
  await Promise.all(asked);
  expect(sent.length).toBeLessThanOrEqual(200 + 16);
  const before = sent.length;
  const more = Array.from({ length: 200 }, () => route('executor.claim', '{}'));
  await settle(1_200);
  await Promise.all(more);
  expect(sent.length - before).toBeLessThanOrEqual(200 + 20);
});

test('a gateway that is gone costs nothing but a second request', async () => {
  const timers = manualTimers();
  const sent: string[] = [];
  const { ask: route } = gatewayRoute({
    timers,
    timeoutMs: 5_000,
    ask: (subject) => {
      sent.push(subject);
      return sent.length === 2
        ? Promise.reject(new Error('nobody listens'))
        : Promise.resolve(Buffer.from('{"accepted":true,"gateway":"g1"}'));
    },
  });
  await route('executor.report', '{}');
  await route('executor.report', '{}');
  expect(sent).toEqual(['executor.report', 'executor.report.g1', 'executor.report']);
  expect(timers.pending()).toBe(0);
});

test('nobody who answers at all is told as such, once every try has ended', async () => {
  const { route, settle, frozen } = setUp();
  frozen.add('g1');
  const asked = route('executor.claim', '{}').catch((error: unknown) => error);
  await settle(8_000);
  expect(await asked).toBeInstanceOf(Error);
});

test('an answer of an old gateway, which does not say who it is, is an answer', async () => {
  const sent: string[] = [];
  const { ask: route } = gatewayRoute({
    timers: manualTimers(),
    timeoutMs: 5_000,
    ask: (subject) => {
      sent.push(subject);
      return Promise.resolve(Buffer.from('{"granted":false,"code":"job-finished"}'));
    },
  });
  expect(await route('executor.claim', '{}')).toMatchObject({ granted: false });
  await route('executor.claim', '{}');
  expect(sent).toEqual(['executor.claim', 'executor.claim']);
});
