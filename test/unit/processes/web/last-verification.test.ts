import { recordVerification } from '../../../../commands/record-verification';
import { VERIFICATION_STREAM } from '../../../../domain/system/verification';
import { uuids } from '../../../../infra/ids';
import { memoryEventLog } from '../../../../infra/memory/event-log';
import { lastVerification } from '../../../../processes/web/last-verification';
import { t } from '../../../support/jobs';
import { newEvent } from '../../../support/new-event';

const bench = () => {
  const { log } = memoryEventLog();
  const record = recordVerification({ log, clock: { now: () => t(0) }, ids: uuids });
  return { log, record, last: () => lastVerification(log) };
};
const found = { position: '4711', events: 30, violations: 0, gone: 0 };

test('the last of several verifications is told, with who asked for it and when', async () => {
  const { record, last } = bench();
  await record({ ...found, from: '12' }, { kind: 'operator', id: 'ada' });
  await record({ ...found, sealHead: 'ab' }, { kind: 'operator', id: 'bob' });
  const verifiedAt = new Date(t(0)).toISOString();
  expect(await last()).toEqual({ ...found, sealHead: 'ab', verifiedAt, verifiedBy: 'bob' });
});

test.each([
  ['no event at all', []],
  ['another event', [newEvent({ ...found }, 'Other')]],
  ['data that tells of none', [newEvent({ ...found, events: 'many' }, 'LogVerified')]],
] as const)('%s is told as none', async (_what, events) => {
  const { log, last } = bench();
  if (events.length > 0) await log.append(VERIFICATION_STREAM, [...events], 'no-stream');
  expect(await last()).toBeUndefined();
});

test('of two that end at the same time both are recorded', async () => {
  const { log, record } = bench();
  await Promise.all([
    record(found, { kind: 'operator', id: 'ada' }),
    record(found, { kind: 'operator', id: 'bob' }),
  ]);
  const by = (await log.read(VERIFICATION_STREAM)).map(({ metadata }) => metadata);
  expect(by).toMatchObject([{ actor: { id: 'ada' } }, { actor: { id: 'bob' } }]);
});
