import { Webhook } from 'standardwebhooks';
import { newWebhookSecret, secretBox } from '../../../infra/secret-box';

const box = secretBox('a signing secret that is long enough', 'webhooks');

test('what is sealed says nothing of the secret, and opens for what it belongs to only', () => {
  const sealed = box.seal('whsec_abc', 'webhook one');
  expect(sealed).not.toContain('abc');
  expect(box.seal('whsec_abc', 'webhook one')).not.toBe(sealed);
  expect(box.open(sealed, 'webhook one')).toBe('whsec_abc');
  expect(box.open(sealed, 'webhook two')).toBeUndefined();
});

test.each([
  ['another signing secret', secretBox('another signing secret, as long', 'webhooks')],
  ['another purpose', secretBox('a signing secret that is long enough', 'tickets')],
])('%s opens nothing', (_what, other) => {
  expect(other.open(box.seal('whsec_abc', 'one'), 'one')).toBeUndefined();
});

test.each(['', 'v1.', 'v1.AAAA', 'v2.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 'nonsense'])(
  'what nobody sealed opens as nothing: %s',
  (text) => {
    expect(box.open(text, 'one')).toBeUndefined();
  },
);

test('a new secret is one that the published library takes, and another each time', () => {
  const secret = newWebhookSecret();
  expect(() => new Webhook(secret)).not.toThrow();
  expect(newWebhookSecret()).not.toBe(secret);
});
