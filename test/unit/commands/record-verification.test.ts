import { recordVerification } from '../../../commands/record-verification';
import { StreamContended, type EventLog } from '../../../domain/event-log';
import { VERIFICATION_STREAM, type Verification } from '../../../domain/system/verification';
import { uuids } from '../../../infra/ids';
import { memoryEventLog } from '../../../infra/memory/event-log';
import { t } from '../../support/jobs';

const actor = { kind: 'operator', id: 'olga' } as const;
const verification = { outcome: 'clean' } as unknown as Verification; // kept as it is given

const recording = (append: (log: EventLog) => EventLog['append'] = ({ append: own }) => own) => {
  const { log } = memoryEventLog();
  const record = recordVerification({
    ...{ log: { append: append(log), newest: log.newest }, ids: uuids },
    clock: { now: () => t(10) },
  });
  return { record, found: () => log.read(VERIFICATION_STREAM) };
};

test('what verifications found is kept one after the other, with who asked and when', async () => {
  const { record, found } = recording();
  await record(verification, actor);
  await record(verification, { ...actor, id: 'otto' });
  expect(await found()).toMatchObject([
    {
      ...{ type: 'LogVerified', data: verification, revision: 0n },
      metadata: { $correlationId: VERIFICATION_STREAM, actor, at: '2026-11-23T12:00:10.000Z' },
    },
    { revision: 1n, metadata: { actor: { id: 'otto' } } },
  ]);
});

test('a race that is lost is run again, five times at most', async () => {
  let lost = 0;
  const losing = (times: number) =>
    recording((log) => (stream, events, expected) => {
      if (lost >= times) return log.append(stream, events, expected);
      lost += 1;
      return Promise.resolve({ outcome: 'conflict' } as never);
    });
  const won = losing(4);
  await won.record(verification, actor);
  expect(await won.found()).toHaveLength(1);
  lost = 0;
  const hopeless = losing(Infinity);
  await expect(hopeless.record(verification, actor)).rejects.toThrow(StreamContended);
  expect(lost).toBe(5);
});
