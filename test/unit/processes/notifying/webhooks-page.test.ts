import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { transformSync } from '@swc/core';
import { deliveryBody, testBody } from '../../../../domain/webhook/delivery';
import { eventTypeOf, webhookEventTypes } from '../../../../domain/webhook/event-types';
import { newWebhookSecret, secretBox } from '../../../../infra/secret-box';
import { sender } from '../../../../processes/notifying/send';

// docs/webhooks.md is what a consumer goes by: what it shows is run, and held against what is sent

const page = readFileSync(join(__dirname, '../../../../docs/webhooks.md'), 'utf8');
const blocks = (language: string): readonly string[] =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    ([, text = '']) => text,
  );

type Read = (secret: string, headers: Record<string, string>, body: string) => unknown;

/** The page's own code, as a consumer would copy it. */
const exampleOfPage = (): Read => {
  const [source = ''] = blocks('ts');
  const { code } = transformSync(source, {
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
    module: { type: 'commonjs' },
  });
  const made: { exports: { read?: Read } } = { exports: {} };
  // oxlint-disable-next-line typescript/no-implied-eval -- it is the page of this project that is run
  const run = new Function('require', 'module', 'exports', code) as (
    require: NodeJS.Require,
    module: object,
    exports: object,
  ) => void;
  run(createRequire(__filename), made, made.exports);
  if (!made.exports.read) throw new Error('the page has no `read`');
  return made.exports.read;
};

const box = secretBox('a signing secret of a test, long enough', 'webhooks');
const webhookId = '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f60aa';
const secret = newWebhookSecret();

/** What the notifier posts, taken before it goes out. */
const posted = async (
  body: string,
  at: number,
): Promise<{ readonly headers: Record<string, string>; readonly body: string }> => {
  const calls: { headers: Record<string, string>; body: string }[] = [];
  const send = sender({
    box,
    timeoutMs: 1_000,
    post: (_url, { headers, body: sent }) => {
      calls.push({ headers: { ...headers }, body: String(sent) });
      return Promise.resolve({ status: 204, body: Buffer.alloc(0), isWhole: true });
    },
  });
  const target = {
    webhookId,
    url: 'https://example.com/hooks',
    secret: box.seal(secret, webhookId),
  };
  const message = { deliveryId: '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f60bb', body };
  expect(await send(target, message, at, new AbortController().signal)).not.toHaveProperty('error');
  const [call] = calls;
  if (!call) throw new Error('nothing was posted');
  return call;
};

test('the example of the page takes what is sent, and nothing that was changed, is old, or is signed by another', async () => {
  const read = exampleOfPage();
  const body = testBody(webhookId, '2026-11-28T09:00:00.000Z');
  const { headers, body: sent } = await posted(body, Date.now());
  expect(read(secret, headers, sent)).toEqual(JSON.parse(body));
  expect(() => read(secret, headers, sent.replace('test', 'toast'))).toThrow();
  expect(() => read(newWebhookSecret(), headers, sent)).toThrow();
  const old = await posted(body, Date.now() - 6 * 60_000);
  expect(() => read(secret, old.headers, old.body)).toThrow(/too old/i);
});

test('the body that the page shows is the body that is sent', () => {
  const [shown = ''] = blocks('json');
  const { data, timestamp } = JSON.parse(shown) as {
    readonly data: Parameters<typeof deliveryBody>[0] & { readonly position: string };
    readonly timestamp: Parameters<typeof deliveryBody>[0]['at'];
  }; // written by us
  const made = deliveryBody({ ...data, position: BigInt(data.position), at: timestamp });
  expect(JSON.parse(made)).toEqual(JSON.parse(shown));
});

test('the page names each type of event, and none that is not sent', () => {
  const named = [...page.matchAll(/`(job\.[a-z]+)`/g)].map(([, type]) => type);
  expect(new Set<string | undefined>(named)).toEqual(new Set(webhookEventTypes));
  expect(webhookEventTypes).toContain(eventTypeOf('failed'));
});
