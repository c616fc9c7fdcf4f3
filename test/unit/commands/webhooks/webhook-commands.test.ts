import type { CommandContext } from '../../../../commands/answers';
import type { WebhookAccepted, WebhookAnswer } from '../../../../commands/webhooks/webhook-answers';
import { webhookCommands } from '../../../../commands/webhooks/webhook-commands';
import { WebhookUnreadable } from '../../../../commands/webhooks/webhook-stream';
import { EventLogUnavailable, StreamGone, type EventLog } from '../../../../domain/event-log';
import { EventTooNew } from '../../../../domain/events/upcast';
import { webhookStream } from '../../../../domain/ids';
import { uuids } from '../../../../infra/ids';
import { memoryEventLog } from '../../../../infra/memory/event-log';
import { as, keyed } from '../../../support/command-bench';
import { t } from '../../../support/jobs';

const NOBODYS = '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6009';
const asked = { url: 'https://example.com', eventTypes: ['job.failed'] } as const;
const operator: CommandContext = {
  ...{ actor: { kind: 'operator', id: 'olga' }, correlationId: 'request-2' },
};

/** Commands over a log in memory; secrets are counted, and sealed so that a reader sees for what. */
const benchOf = (wrap: (log: EventLog) => EventLog = (log) => log) => {
  const memory = memoryEventLog().log;
  let secrets = 0;
  const commands = webhookCommands({
    ...{ log: wrap(memory), ids: uuids, clock: { now: () => t(10) } },
    box: { seal: (secret, about) => `${secret} of ${about}`, open: () => undefined },
    newSecret: () => `secret ${(secrets += 1)}`,
  });
  const events = (id: string) => memory.read(webhookStream(id));
  return {
    ...{ commands, memory, events },
    types: async (id: string) => (await events(id)).map(({ type }) => type),
  };
};
const done = (answer: WebhookAnswer): WebhookAccepted => {
  if (answer.outcome !== 'accepted') throw new Error(JSON.stringify(answer));
  return answer;
};
const refused = (code: string) => ({ outcome: 'rejected', rejection: { code } });

test('a webhook that is made says whose it is, and its secret to who made it alone', async () => {
  const { commands, events } = benchOf();
  const made = done(await commands.create(asked, as('ada')));
  const { webhookId } = made;
  const secret = `secret 1 of ${webhookId}`;
  const [event] = await events(webhookId);
  expect(made).toMatchObject({
    ...{ revision: 0n, position: event?.position, isReplay: false, newSecret: secret },
    webhook: { status: 'active', definition: { ...asked, ownerId: 'ada' }, secret },
  });
  const changed = done(await commands.change(webhookId, { ...asked, eventTypes: [] }, as('ada')));
  expect(changed).not.toHaveProperty('newSecret');
});

describe('the same key', () => {
  test('with the same request is the same webhook, as it stands now and with the secret of then', async () => {
    const { commands, types } = benchOf();
    const context = as('ada', keyed('k'));
    const first = done(await commands.create(asked, context));
    done(await commands.rotate(first.webhookId, 1_000, as('ada')));
    expect(done(await commands.create(asked, context))).toMatchObject({
      ...{ webhookId: first.webhookId, isReplay: true, position: first.position },
      ...{ newSecret: first.newSecret, revision: 1n },
    });
    expect(await types(first.webhookId)).toEqual(['WebhookCreated', 'WebhookSecretRotated']);
  });

  test('with another request is refused, here and for another webhook', async () => {
    const { commands } = benchOf();
    await commands.create(asked, as('ada', keyed('k')));
    const other = as('ada', keyed('k', 'another body'));
    expect(await commands.create(asked, other)).toEqual(refused('idempotency-key-reused'));
    const [one, two] = [
      done(await commands.create(asked, as('ada'))).webhookId,
      done(await commands.create(asked, as('ada'))).webhookId,
    ];
    const used = (body: string) => as('ada', keyed('x', body));
    done(await commands.remove(one, used('one')));
    expect(await commands.remove(two, used('two'))).toEqual(refused('idempotency-key-reused'));
  });

  test('of another user is another webhook, and without a key each is its own', async () => {
    const { commands } = benchOf();
    const ids = new Set<string>();
    for (const context of [as('ada', keyed('k')), as('bob', keyed('k')), as('ada'), as('ada')])
      ids.add(done(await commands.create(asked, context)).webhookId);
    expect(ids.size).toBe(4);
  });
});

test('a rotation gives a new secret and says until when the one before holds', async () => {
  const { commands } = benchOf();
  const { webhookId } = done(await commands.create(asked, as('ada')));
  expect(done(await commands.rotate(webhookId, 5_000, as('ada')))).toMatchObject({
    newSecret: `secret 2 of ${webhookId}`,
    webhook: {
      secret: `secret 2 of ${webhookId}`,
      previous: { secret: `secret 1 of ${webhookId}`, until: t(15) },
    },
  });
});

test('an operator changes a webhook, not whose it is', async () => {
  const { commands } = benchOf();
  const { webhookId } = done(await commands.create(asked, as('ada')));
  const url = 'https://example.org';
  const changed = done(await commands.change(webhookId, { ...asked, url }, operator));
  expect(changed.webhook.definition).toEqual({ ...asked, url, ownerId: 'ada' });
});

test('it is turned off by the notifier, on again by its owner, and what is so already records nothing', async () => {
  const { commands, events, types } = benchOf();
  const { webhookId } = done(await commands.create(asked, as('ada')));
  const off = done(await commands.disable(webhookId, 'gone'));
  expect(off.webhook).toMatchObject({ status: 'disabled', disabledBecause: 'gone' });
  expect((await events(webhookId)).at(-1)?.metadata).toMatchObject({
    ...{ actor: { kind: 'system', id: 'notifier' }, $causationId: webhookId },
  });
  const again = done(await commands.disable(webhookId, 'gone'));
  expect(again).toMatchObject({ position: off.position, isReplay: false, revision: 1n });
  expect(again).not.toHaveProperty('newSecret');
  expect(done(await commands.resume(webhookId, as('ada'))).webhook.status).toBe('active');
  done(await commands.resume(webhookId, as('ada')));
  expect(await types(webhookId)).toEqual(['WebhookCreated', 'WebhookDisabled', 'WebhookResumed']);
});

test('one that is deleted is there for nobody, and stays deleted', async () => {
  const { commands, types } = benchOf();
  const { webhookId } = done(await commands.create(asked, as('ada')));
  expect(done(await commands.remove(webhookId, as('ada'))).webhook.status).toBe('deleted');
  done(await commands.remove(webhookId, as('ada')));
  expect(await commands.load(webhookId, as('ada'))).toBeUndefined();
  expect(await commands.resume(webhookId, as('ada'))).toEqual(refused('webhook-not-found'));
  expect(await types(webhookId)).toEqual(['WebhookCreated', 'WebhookDeleted']);
});

test('a change at another revision than was looked at is refused, with the one that is there', async () => {
  const { commands } = benchOf();
  const { webhookId } = done(await commands.create(asked, as('ada')));
  expect(await commands.remove(webhookId, as('ada', { ifMatch: 4n }))).toEqual({
    ...{ outcome: 'rejected', rejection: { code: 'revision-mismatch', revision: 0n } },
  });
  done(await commands.remove(webhookId, as('ada', { ifMatch: 0n })));
});

test('a webhook of somebody else is none for a user, and one like all for an operator', async () => {
  const { commands } = benchOf();
  const { webhookId } = done(await commands.create(asked, as('ada')));
  for (const id of [webhookId, NOBODYS]) {
    expect(await commands.load(id, as('bob'))).toBeUndefined();
    expect(await commands.change(id, asked, as('bob'))).toEqual(refused('webhook-not-found'));
  }
  expect(await commands.load(webhookId, as('ada'))).toMatchObject({ status: 'active' });
  expect(await commands.load(webhookId, operator)).toMatchObject({ status: 'active' });
});

test('a race that is lost again and again is told, and nothing is recorded', async () => {
  const { commands } = benchOf((log) => ({
    ...log,
    append: () => Promise.resolve({ outcome: 'conflict' } as never),
  }));
  expect(await commands.create(asked, as('ada'))).toEqual({ outcome: 'contended' });
});

describe('a webhook is not read', () => {
  const broken = (error: Error) =>
    benchOf((log) => ({ ...log, read: () => Promise.reject(error) })).commands;

  test('when its stream is gone, which a user who asks for it does not learn: nobody knows whose it was', async () => {
    const commands = broken(new StreamGone('deleted'));
    await expect(commands.load(NOBODYS, operator)).rejects.toThrow(WebhookUnreadable);
    expect(await commands.load(NOBODYS, as('ada'))).toBeUndefined();
  });

  test('while the log is away, whoever asks', async () => {
    const commands = broken(new EventLogUnavailable('away'));
    await expect(commands.load(NOBODYS, as('ada'))).rejects.toThrow('away');
  });

  test('over an event that makes no sense, which its owner learns, nor over one of a newer build', async () => {
    const { commands, memory } = benchOf();
    const append = async (changes: object) => {
      const { webhookId } = done(await commands.create(asked, as('ada')));
      const stream = webhookStream(webhookId);
      const [first] = await memory.read(stream);
      if (!first) throw new Error('it was made');
      await memory.append(stream, [{ ...first, id: uuids.next(), ...changes } as never], 0n);
      return webhookId;
    };
    const ended = await append({ type: '$streamDeleted' });
    expect(await commands.load(ended, as('ada'))).toMatchObject({ status: 'active' });
    const odd = await append({ data: {} });
    await expect(commands.load(odd, as('ada'))).rejects.toThrow(WebhookUnreadable);
    expect(await commands.load(odd, as('bob'))).toBeUndefined();
    const newer = await append({ metadata: { at: '2026-11-23T12:00:10.000Z', schemaVersion: 99 } });
    await expect(commands.load(newer, as('ada'))).rejects.toThrow(EventTooNew);
  });
});
