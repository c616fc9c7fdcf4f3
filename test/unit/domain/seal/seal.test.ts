import * as fc from 'fast-check';
import { decodeIndex, encodeIndex } from '../../../../domain/seal/block-index';
import { blockBuilder } from '../../../../domain/seal/block';
import { readSealData, sealData, sealText, type Seal } from '../../../../domain/seal/seal';
import { keyRing, logSealKey, newLogSealKey } from '../../../../infra/log-seal-keys';
import { sha256 } from '../../../../infra/sha256';

const key = logSealKey(newLogSealKey());
const event = (n: number) => ({
  ...{ position: BigInt(n) * 128n, revision: BigInt(n), createdTicks: 17_000_000_000_000_000n },
  ...{ stream: 's', id: 'i', type: 't', contentType: 'application/json' },
  ...{ data: Uint8Array.of(n), metadata: Uint8Array.of() },
});
const signed = (): Seal => {
  const builder = blockBuilder(undefined, sha256);
  for (let n = 1; n <= 300; n += 1) builder.add(event(n));
  const content = builder.finish({ keyId: key.keyId, sealedAt: '2026-11-23T10:00:00.000Z' });
  return { ...content, signature: key.sign(sealText(content)) };
};

test('the index of a block gives back positions and the first bytes of each leaf', () => {
  const marks = fc.array(
    fc.record({
      step: fc.bigInt({ min: 1n, max: 2n ** 40n }),
      leaf: fc.uint8Array({ minLength: 8, maxLength: 8 }),
    }),
  );
  fc.assert(
    fc.property(marks, fc.constantFrom<bigint | 'start'>('start', 0n, 12_800n), (steps, after) => {
      let position = after === 'start' ? -1n : after;
      const all = steps.map(({ step, leaf }) => ({ position: (position += step), leaf }));
      expect(decodeIndex(after, encodeIndex(after, all))).toEqual(all);
    }),
  );
});

test.each([
  ['cut inside a leaf', (index: Uint8Array) => index.subarray(0, -1)],
  ['cut inside a distance', (index: Uint8Array) => Uint8Array.of(...index, 0x80)],
  ['a distance of nothing', (index: Uint8Array) => Uint8Array.of(0, ...index.subarray(2))],
])('an index is refused when it has %s', (_why, damage) => {
  expect(decodeIndex('start', damage(signed().index))).toBeUndefined();
});

test('a seal comes back from its JSON as it was, and its signature still fits', () => {
  const seal = signed();
  const read = readSealData(JSON.parse(JSON.stringify(sealData(seal))), 1, sha256);
  expect(read && { ...read, signature: Buffer.from(read.signature) }).toEqual(seal);
  const isSignature = keyRing([key.publicPem]).get(key.keyId);
  expect(read && isSignature?.(sealText(read), read.signature)).toBe(true);
});

test.each(Object.keys(sealData(signed())).filter((name) => name !== 'signature'))(
  'a seal whose %s was changed is not what was signed',
  (name) => {
    const data: Record<string, unknown> = { ...sealData(signed()) };
    const others: Readonly<Record<string, unknown>> = {
      ...{ previous: 'ab'.repeat(32), after: '5', keyId: '0123456789abcdef' },
      ...{ sealedAt: '2026-11-23T10:00:00.001Z', root: 'ab'.repeat(32), index: 'AAAA' },
      ...{ block: 2, events: 299, to: '1', createdFrom: '1', createdTo: '1' },
    };
    data[name] = others[name];
    const read = readSealData(data, 1, sha256);
    const isSignature = keyRing([key.publicPem]).get(key.keyId);
    expect(read && isSignature?.(sealText(read), read.signature)).toBe(false);
  },
);

test.each([
  ['no object', null],
  ['a field with a newline, which could pass for two lines of the signed text', { root: 'a\nb' }],
  ['a position with a leading zero, which would have two texts', { to: '01' }],
  ['no events', { events: 0 }],
  ['a signature that is no base64', { signature: '?' }],
])('data with %s is no seal', (_why, change) => {
  const data = change && { ...sealData(signed()), ...change };
  expect(readSealData(data, 1, sha256)).toBeUndefined();
});

test('a key of another kind is refused, for its signatures would be others', () => {
  expect(() => logSealKey('no key')).toThrow();
});
