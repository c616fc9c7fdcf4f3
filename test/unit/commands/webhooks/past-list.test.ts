import { pastWebhookList } from '../../../../commands/webhooks/past-list';
import { webhookAsOf } from '../../../../commands/webhooks/webhook-as-of';
import { webhookCommands } from '../../../../commands/webhooks/webhook-commands';
import { webhookStream } from '../../../../domain/ids';
import { uuids } from '../../../../infra/ids';
import { memoryEventLog } from '../../../../infra/memory/event-log';
import { as } from '../../../support/command-bench';
import { t } from '../../../support/jobs';

// webhooks of the past are their registrations as they were, and never a secret

const ada = { kind: 'user', id: 'ada' } as const;
const bob = { kind: 'user', id: 'bob' } as const;
const olga = { kind: 'operator', id: 'olga' } as const;
const signal = new AbortController().signal;
const atTime = (at: number) => ({ kind: 'time', at }) as const;

/** Webhook n is registered n minutes after the start; each stands somewhere else a minute later and is deleted ten minutes later. */
const COUNT = 3;
const { log } = memoryEventLog();
const keys: { readonly webhookId: string; readonly createdAt: number }[] = [];

beforeAll(async () => {
  let now = 0;
  const commands = webhookCommands({
    ...{ log, ids: uuids, clock: { now: () => now } },
    box: { seal: (secret) => secret, open: () => undefined },
    newSecret: () => 'the secret',
  });
  for (let n = 0; n < COUNT; n += 1) {
    const asked = { url: `https://${n}.example.com`, eventTypes: ['job.failed'] } as const;
    now = t(n * 60);
    const made = await commands.create(asked, as('ada'));
    if (made.outcome !== 'accepted') throw new Error(made.outcome);
    const { webhookId } = made;
    keys.push({ webhookId, createdAt: now });
    now = t(n * 60 + 60);
    await commands.rotate(webhookId, 30_000, as('ada'));
    await commands.change(webhookId, { ...asked, url: `https://${n}.example.org` }, as('ada'));
    now = t(n * 60 + 600);
    await commands.remove(webhookId, as('ada'));
  }
});

const listOn = (read: typeof log.read = log.read) =>
  pastWebhookList({
    made: (_ownerId, { limit, after }) =>
      Promise.resolve(
        keys
          .toReversed()
          .filter(({ createdAt }) => !after || createdAt < after.createdAt)
          .slice(0, limit),
      ),
    asOf: (...asked) => webhookAsOf({ read }, ...asked),
  });
const urlsAt = async (seconds: number, list = listOn(), actor: typeof ada | typeof olga = ada) =>
  (await list({ asOf: atTime(t(seconds)), actor, signal })).items.map(({ url }) => url);

test('what was registered later or deleted by then is not there, and each is as it was', async () => {
  expect(await urlsAt(-1)).toEqual([]);
  expect(await urlsAt(61)).toEqual(['https://1.example.com', 'https://0.example.org']);
  expect(await urlsAt(660)).toEqual(['https://2.example.org']);
  expect(await urlsAt(10_000)).toEqual([]);
  expect(await urlsAt(61, listOn(), olga)).toHaveLength(2);
});

test('nothing of it tells a secret, only until when the one before signed as well', async () => {
  const { items } = await listOn()({ asOf: atTime(t(61)), actor: ada, signal });
  expect(items[1]).toHaveProperty('previousSecretUntil');
  expect(items[0]).not.toHaveProperty('previousSecretUntil');
  expect(JSON.stringify(items)).not.toContain('the secret');
});

test('pages follow each other through one past', async () => {
  const asked = { asOf: atTime(t(120)), actor: ada, limit: 2, signal };
  const first = await listOn()(asked);
  expect(first.items.map(({ webhookId }) => webhookId)).toEqual([
    keys[2]?.webhookId,
    keys[1]?.webhookId,
  ]);
  const second = await listOn()({ ...asked, ...(first.next && { after: first.next }) });
  expect(second.items.map(({ webhookId }) => webhookId)).toEqual([keys[0]?.webhookId]);
  expect(second.next).toBeUndefined();
});

test('one that an administrator has truncated is left out, and holds up no other', async () => {
  const cut = webhookStream(keys[1]?.webhookId ?? '');
  const read: typeof log.read = async (stream, ...part) => {
    const events = await log.read(stream, ...part);
    return stream === cut ? events.slice(1) : events;
  };
  expect(await urlsAt(61, listOn(read))).toEqual(['https://0.example.org']);
});

test('one is told to its owner and to operators, as it stood, and is none for others', async () => {
  const { webhookId = '' } = keys[0] ?? {};
  const urlFor = async (actor: typeof ada | typeof bob | typeof olga, seconds: number) =>
    (await webhookAsOf(log, webhookId, actor, atTime(t(seconds))))?.definition.url;
  expect(await urlFor(ada, 0)).toBe('https://0.example.com');
  expect(await urlFor(olga, 60)).toBe('https://0.example.org');
  expect(await urlFor(bob, 60)).toBeUndefined();
  expect(await urlFor(ada, -1)).toBeUndefined();
  expect(await urlFor(ada, 600)).toBeUndefined();
});
