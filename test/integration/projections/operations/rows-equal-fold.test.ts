import fc from 'fast-check';
import { operationAudit } from '../../../../domain/audit/operation-audit';
import type { Violation } from '../../../../domain/audit/violation';
import type { RecordedEvent } from '../../../../domain/event-log';
import { operationIdOf } from '../../../../domain/ids';
import { batchesAfter, pageOfItems } from '../../../../domain/operation/items';
import { decodeOperationEvent } from '../../../../domain/operation/stored-event';
import { checkOperationRows } from '../../../../projections/audit/operation-rows-check';
import { operationKinds, recordedFact } from '../../../../projections/audit/stored-fact';
import { readModel } from '../../../../projections/projections';
import { auditRows } from '../../../../projections/queries/operating/audit-rows';
import { knownOperations } from '../../../../projections/queries/operations/known-operations';
import { operationItems } from '../../../../projections/queries/operations/items';
import { announceProjected } from '../../../../projections/writing/projected';
import { projectionWriter } from '../../../../projections/writing/projection-writer';
import { createReadModel, type TestReadModel } from '../../../support/read-model';
import { operationAsks, recordedOperation } from '../../../support/operation-histories';

// the bulk changer decides on rows, at the revision that they have: they must say what the stream says

let model: TestReadModel;

beforeAll(async () => {
  model = await createReadModel();
});
afterAll(async () => {
  await model.dispose();
});

const auditOf = (log: readonly RecordedEvent[]) => {
  const violations: Violation[] = [];
  const audit = operationAudit((violation) => violations.push(violation));
  for (const event of log) {
    const fact = recordedFact(operationKinds, event);
    if (fact.kind === 'event') audit.take(event.stream, fact.event);
    else audit.skip(event, fact.why, false);
  }
  return { audit, violations };
};

const breachesOfRows = async (log: readonly RecordedEvent[]): Promise<readonly string[]> => {
  const { audit } = auditOf(log);
  const found: string[] = [];
  await auditRows(model.db).atOneMoment((snapshot) =>
    checkOperationRows(snapshot, new Set(), {
      ...{ audit, knowsAll: true, progress: () => undefined },
      report: ({ rule }) => found.push(rule),
    }),
  );
  return found;
};

test('rows say of every operation what its stream says, however its events come in batches, and twice changes nothing', async () => {
  const session = await model.openSession();
  const writer = await projectionWriter(session, readModel, announceProjected);
  const written: RecordedEvent[] = [];
  let position = 0n;
  await fc.assert(
    fc.asyncProperty(
      fc.array(operationAsks, { minLength: 1, maxLength: 3 }),
      fc.integer({ min: 1, max: 12 }),
      async (all, size) => {
        const operations = all.map(recordedOperation);
        const log: RecordedEvent[] = operations
          .flatMap(({ events }) => events)
          .map((event) => ({ ...event, position: (position += 1n) }));
        for (let from = 0; from < log.length; from += size) {
          const batch = log.slice(from, from + size);
          await writer.apply(batch, batch.at(-1)?.position ?? position);
        }
        written.push(...log);
        for (const repeat of [0, 1]) {
          if (repeat === 1) await writer.apply(log, (position += 1n));
          for (const { operationId, state, events } of operations) {
            expect(await knownOperations(model.db).find(operationId)).toEqual(state);
            const batches = events.map(decodeOperationEvent).reduce(batchesAfter, []);
            expect(await operationItems(model.db)(operationId, { limit: 99 })).toEqual(
              pageOfItems(batches, 'endedAt' in state, { limit: 99 }),
            );
          }
        }
      },
    ),
    { numRuns: 40 },
  );
  expect(writer.parkedCount()).toBe(0);
  expect(auditOf(written).violations).toEqual([]);
  expect(await breachesOfRows(written)).toEqual([]);
  await session.close();

  // the audit of the rows is not blind
  const [first] = written;
  const operationId = operationIdOf(first?.stream ?? '') ?? '';
  await model.db('operations').where('operation_id', operationId).increment('changed_items', 1);
  expect(await breachesOfRows(written)).toEqual(['operation-row-differs']);
  await model.db('operations').where('operation_id', operationId).delete();
  expect(await breachesOfRows(written)).toEqual(['operation-row-missing']);
});
