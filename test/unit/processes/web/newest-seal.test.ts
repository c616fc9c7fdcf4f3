import type { RecordedEvent } from '../../../../domain/event-log';
import { newestSeal } from '../../../../processes/web/newest-seal';

const data = {
  ...{ block: 3, after: '128', to: '4711', events: 2, createdFrom: '1', createdTo: '2' },
  ...{ root: 'ab'.repeat(32), previous: 'none', keyId: '0123456789abcdef', index: 'AAAA' },
  ...{ signature: 'AAAA', sealedAt: '2026-11-23T10:00:00.000Z' },
};
const stored = (more: Partial<RecordedEvent>): RecordedEvent => ({
  ...{ id: 'i', stream: 'seals', type: 'BlockSealed', data, metadata: { schemaVersion: 1 } },
  ...{ revision: 2n, position: 5_000n },
  ...more,
});
const sealOf = (event: RecordedEvent | undefined) => {
  const asked: string[] = [];
  const newest = (stream: string) => {
    asked.push(stream);
    return Promise.resolve(event);
  };
  return newestSeal({ newest }).then((seal) => ({ seal, asked }));
};

test('the newest seal tells how far it reaches, with the position as text: JSON has no such numbers', async () => {
  expect(await sealOf(stored({}))).toEqual({
    seal: { block: 3, position: '4711', sealedAt: '2026-11-23T10:00:00.000Z' },
    asked: ['seals'],
  });
});

test.each([
  ['no seal at all', undefined],
  ['another kind of event', stored({ type: 'Other' })],
  ['no version', stored({ metadata: {} })],
  ['data that is no seal', stored({ data: { ...data, to: 4711 } })],
] as const)('%s is told as none', async (_what, event) => {
  expect((await sealOf(event)).seal).toBeUndefined();
});
