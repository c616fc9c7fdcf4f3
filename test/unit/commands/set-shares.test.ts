import type { EventLog, NewestEvents } from '../../../domain/event-log';
import { currentShares, setShares, SharesUnreadable } from '../../../commands/set-shares';
import { EventTooNew } from '../../../domain/events/upcast';
import { SHARES_STREAM } from '../../../domain/shares/events';
import { noShares, type Shares } from '../../../domain/shares/shares';
import { uuids } from '../../../infra/ids';
import { memoryEventLog } from '../../../infra/memory/event-log';
import { t } from '../../support/jobs';

const mail: Shares = { queues: { mail: { maxRunning: 5 } }, owners: {} };
const slower: Shares = { queues: { mail: { maxRunning: 2 } }, owners: {} };

const olga = { actor: { kind: 'operator', id: 'olga' }, correlationId: 'request-1' } as const;

const bench = (wrap = (log: EventLog & NewestEvents) => log) => {
  const { log } = memoryEventLog();
  const set = setShares({ log: wrap(log), clock: { now: () => t(0) }, ids: uuids });
  return { log, set };
};

const stored = (type: string, data: object, schemaVersion = 1) => ({
  id: uuids.next(),
  type,
  data,
  metadata: {
    ...{ $correlationId: 'x', $causationId: 'x', commandId: 'x', actor: olga.actor },
    ...{ at: '2026-11-23T12:00:00.000Z', schemaVersion },
  },
});

test('before anybody set shares there are none, at no revision', async () => {
  expect(await currentShares(bench().log)).toEqual({ shares: noShares });
});

test('what is set is what is read, with who set it when in the log', async () => {
  const { log, set } = bench();
  const answer = await set(mail, olga);
  expect(answer).toMatchObject({ outcome: 'accepted', shares: mail, revision: 0n });
  expect(await currentShares(log)).toMatchObject({ shares: mail, revision: 0n });
  expect(await log.read(SHARES_STREAM)).toMatchObject([
    {
      type: 'SharesSet',
      metadata: { actor: olga.actor, at: '2026-11-23T12:00:00.000Z', schemaVersion: 1 },
    },
  ]);
});

test('the same document again writes nothing and answers with what is there', async () => {
  const { log, set } = bench();
  await set(mail, olga);
  expect(await set(mail, olga)).toMatchObject({ outcome: 'accepted', revision: 0n });
  expect(await log.read(SHARES_STREAM)).toHaveLength(1);
});

test.each`
  ifMatch   | present | why
  ${0n}     | ${2}    | ${'another operator was faster'}
  ${'none'} | ${1}    | ${'somebody has set shares meanwhile'}
  ${0n}     | ${0}    | ${'there is no document yet'}
`(
  'shares that were seen at $ifMatch are not replaced after $present changes: $why',
  async ({ ifMatch, present }: { ifMatch: bigint | 'none'; present: number }) => {
    const { log, set } = bench();
    for (const shares of [mail, slower].slice(0, present)) await set(shares, olga);
    expect(await set(noShares, { ...olga, ifMatch })).toMatchObject({
      outcome: 'rejected',
      rejection: { code: 'revision-mismatch' },
    });
    expect(await log.read(SHARES_STREAM)).toHaveLength(present);
  },
);

test('who is refused is told the revision that is in force, if there is one', async () => {
  const { set } = bench();
  const refusedAt = async (ifMatch: bigint) => {
    const answer = await set(slower, { ...olga, ifMatch });
    return answer.outcome === 'rejected' ? answer.rejection : undefined;
  };
  expect(await refusedAt(0n)).toStrictEqual({ code: 'revision-mismatch' });
  await set(mail, olga);
  expect(await refusedAt(5n)).toStrictEqual({ code: 'revision-mismatch', revision: 0n });
});

test('a trace of the request is recorded if there is one', async () => {
  const { log, set } = bench();
  await set(mail, olga);
  await set(slower, { ...olga, traceparent: '00-1-2-01' });
  const [first, second] = await log.read(SHARES_STREAM);
  expect(first?.metadata).not.toHaveProperty('traceparent');
  expect(second).toMatchObject({ metadata: { traceparent: '00-1-2-01' } });
});

test('shares that were seen as they are get replaced', async () => {
  const { set } = bench();
  expect(await set(mail, { ...olga, ifMatch: 'none' })).toMatchObject({ revision: 0n });
  expect(await set(slower, { ...olga, ifMatch: 0n })).toMatchObject({ revision: 1n });
});

test('of two operators at once with If-Match one is refused, so that no change is overwritten unseen', async () => {
  const { log, set } = bench();
  const outcomes = await Promise.all(
    [mail, slower].map((shares) => set(shares, { ...olga, ifMatch: 'none' as const })),
  );
  expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['accepted', 'rejected']);
  expect(await log.read(SHARES_STREAM)).toHaveLength(1);
});

test('an operator who lost a race is decided again, and gives up after some', async () => {
  const { set } = bench((log) => ({
    ...log,
    append: () => Promise.resolve({ outcome: 'conflict' }),
  }));
  expect(await set(mail, olga)).toEqual({ outcome: 'contended' });
});

test('a newest event that nobody can read is told, and the next document mends it', async () => {
  const { log, set } = bench();
  await log.append(SHARES_STREAM, [stored('SharesSet', { shares: 'all' })], 'no-stream');
  await expect(currentShares(log)).rejects.toThrow(SharesUnreadable);
  expect(await set(mail, olga)).toMatchObject({ outcome: 'accepted', revision: 1n });
  expect(await currentShares(log)).toMatchObject({ shares: mail });
});

test('a document of a newer build is neither guessed at nor replaced', async () => {
  const { log, set } = bench();
  await log.append(SHARES_STREAM, [stored('SharesSet', { shares: mail }, 2)], 'no-stream');
  await expect(currentShares(log)).rejects.toThrow(EventTooNew);
  await expect(set(slower, olga)).rejects.toThrow(EventTooNew);
  expect(await log.read(SHARES_STREAM)).toHaveLength(1);
});
