import fc from 'fast-check';
import { operationAsOf, operationItemsAsOf } from '../../../../commands/operations/operation-as-of';
import { OperationUnreadable } from '../../../../commands/operations/operation-stream';
import { pastItems } from '../../../../commands/operations/past-items';
import { fold } from '../../../../domain/decider';
import type { RecordedEvent } from '../../../../domain/event-log';
import { operation } from '../../../../domain/operation/decide';
import { toldOutcome, type ToldOutcome } from '../../../../domain/operation/outcomes';
import { decodeOperationEvent } from '../../../../domain/operation/stored-event';
import { uuids } from '../../../../infra/ids';
import { operationAsks, recordedOperation } from '../../../support/operation-histories';

// operations of the past are what their streams say up to then, jobs and outcomes included

const ada = { kind: 'user', id: 'ada' } as const;
const bob = { kind: 'user', id: 'bob' } as const;
const olga = { kind: 'operator', id: 'olga' } as const;
const signal = new AbortController().signal;

const logOf = (events: readonly RecordedEvent[]) => ({
  read: (_stream: string, from = 0n, limit = Infinity) =>
    Promise.resolve(events.filter(({ revision }) => revision >= from).slice(0, limit)),
});
const over = (events: readonly RecordedEvent[], owner?: string) => {
  const deps = { log: logOf(events), ownerOf: () => Promise.resolve(owner) };
  return {
    asOf: operationAsOf(deps),
    items: pastItems({
      asOf: operationItemsAsOf(deps),
      namesOf: (jobIds, ownerId) =>
        Promise.resolve(new Map(jobIds.map((jobId) => [jobId, `${ownerId}: ${jobId}`]))),
    }),
  };
};
const atTime = (at: number) => ({ kind: 'time', at }) as const;

/** What became of the jobs, by hand: the last selection in its order, beside the outcomes in theirs. */
const itemsByHand = (events: readonly RecordedEvent[], hasEnded: boolean) => {
  let jobIds: string[] = [];
  const outcomes: string[] = [];
  for (const fact of events.map(decodeOperationEvent)) {
    if (fact.type === 'OperationSelected')
      jobIds = [...(fact.data.batch === 0 ? [] : jobIds), ...fact.data.jobIds];
    if (fact.type === 'OperationProgressed') outcomes.push(...fact.data.outcomes);
  }
  return jobIds.map((jobId, item) => ({
    ...{ item, jobId, name: `ada: ${jobId}` },
    ...toldOutcome(outcomes[item] ?? (hasEnded ? 'left' : undefined)),
  }));
};

test('at each of its events an operation is what its stream says up to there, and so is each of its jobs, however many a page has', async () => {
  await fc.assert(
    fc.asyncProperty(
      operationAsks,
      fc.integer({ min: 1, max: 5 }),
      fc.constantFrom<ToldOutcome['outcome'] | undefined>(undefined, 'refused', 'left', 'waiting'),
      async (asks, limit, outcome) => {
        const { operationId, events } = recordedOperation(asks);
        const { asOf, items } = over(events);
        for (const [index, event] of events.entries()) {
          const happened = events.slice(0, index + 1);
          const state = fold(
            operation.evolve,
            operation.initial,
            happened.map(decodeOperationEvent),
          );
          const { at } = decodeOperationEvent(event);
          for (const moment of [
            atTime(at),
            { kind: 'position', position: event.position } as const,
          ]) {
            const asked = { operationId, actor: ada, asOf: moment, signal };
            expect(await asOf(asked)).toEqual({ outcome: 'found', known: state, at });
            const told: object[] = [];
            for (let after: number | undefined = -1; after !== undefined;) {
              const page = await items(asked, { limit, after, ...(outcome && { outcome }) });
              if (page.outcome !== 'found') throw new Error(page.outcome);
              told.push(...page.known.items);
              expect(page.known.items.length).toBeLessThanOrEqual(limit);
              after = page.known.next;
            }
            const hasEnded = 'endedAt' in state;
            expect(told).toEqual(
              itemsByHand(happened, hasEnded).filter(
                (item) => outcome === undefined || item.outcome === outcome,
              ),
            );
          }
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('a selection that began anew has nothing of the one before', async () => {
  const [one, other, third] = [uuids.next(), uuids.next(), uuids.next()];
  const { operationId, events } = recordedOperation([
    () => ({ type: 'SelectJobs', batch: 0, batches: [[one], [other]] }),
    () => ({ type: 'SelectJobs', batch: 0, batches: [[third]] }),
  ]);
  const now = { operationId, actor: ada, asOf: atTime(Infinity), signal };
  const page = await over(events).items(now, { limit: 9 });
  expect(page).toMatchObject({ known: { items: [{ item: 0, jobId: third }] } });
});

const { operationId, events } = recordedOperation([]);
const [first] = events;
const START = first ? decodeOperationEvent(first).at : 0;

test('before it was started there is none, nor is there for anybody but its owner and operators', async () => {
  const { asOf, items } = over(events);
  const none = { outcome: 'none' };
  for (const [actor, at, outcome] of [
    [ada, START - 1, 'none'],
    [ada, START, 'found'],
    [olga, START, 'found'],
    [bob, START, 'none'],
  ] as const) {
    const asked = { operationId, actor, asOf: atTime(at), signal };
    expect(await asOf(asked)).toMatchObject({ outcome });
    expect(await items(asked, { limit: 5 })).toMatchObject({ outcome });
  }
  const unknown = { operationId, actor: ada, asOf: atTime(START), signal };
  expect(await over([]).asOf(unknown)).toEqual(none);
});

test('one whose events an administrator has taken away cannot be read, which only its owner and operators are told', async () => {
  const { asOf } = over([], 'ada');
  const asked = { operationId, asOf: atTime(START), signal };
  for (const actor of [ada, olga])
    await expect(asOf({ ...asked, actor })).rejects.toBeInstanceOf(OperationUnreadable);
  expect(await asOf({ ...asked, actor: bob })).toEqual({ outcome: 'none' });
});

test('what takes too long is told so', async () => {
  const asked = { operationId, actor: ada, asOf: atTime(START), signal: AbortSignal.abort() };
  expect(await over(events).asOf(asked)).toEqual({ outcome: 'too-long' });
});
