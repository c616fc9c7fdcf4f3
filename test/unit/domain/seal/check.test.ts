import { blockBuilder, isSealable, sealHeadOf, type SealHead } from '../../../../domain/seal/block';
import type { StoredSeal } from '../../../../domain/seal/chain';
import { sealCheck, type SealCheckDeps } from '../../../../domain/seal/check';
import type { SealedEvent } from '../../../../domain/seal/event-bytes';
import { headOf, SEAL_STREAM, sealText, type Seal } from '../../../../domain/seal/seal';
import { keyRing, logSealKey, newLogSealKey } from '../../../../infra/log-seal-keys';
import { sha256 } from '../../../../infra/sha256';

const key = logSealKey(newLogSealKey());
const stranger = logSealKey(newLogSealKey());
const keys = keyRing([key.publicPem]);

const eventAt = (position: number, changes: Partial<SealedEvent> = {}): SealedEvent => ({
  ...{ position: BigInt(position), revision: BigInt(Math.floor(position / 10)), createdTicks: 17n },
  ...{ stream: 's', id: `e-${position}`, type: 'T', contentType: 'application/json' },
  ...{ data: Uint8Array.of(position % 256), metadata: Uint8Array.of() },
  ...changes,
});

/** Ten positions apart; every third place, from 30 on, is the seal of the two events before it. */
const events = [10, 20, 40, 50, 70, 80, 100].map((position) => eventAt(position));

const sealOf = (some: readonly SealedEvent[], before?: SealHead, by = key): Seal => {
  const builder = blockBuilder(before, sha256);
  some.forEach(builder.add);
  const content = builder.finish({ keyId: by.keyId, sealedAt: '2026-11-23T10:00:00.000Z' });
  return { ...content, signature: by.sign(sealText(content)) };
};
const stored = (seal: Seal | undefined, n: number): StoredSeal => ({
  seal,
  place: {
    ...{ stream: SEAL_STREAM, revision: BigInt(n), position: BigInt(30 * (n + 1)) },
    type: 'BlockSealed',
  },
});
const first = sealOf(events.slice(0, 2));
const second = sealOf(events.slice(2, 4), sealHeadOf(first, sha256));
const third = sealOf(events.slice(4, 6), sealHeadOf(second, sha256));
const seals = [first, second, third].map(stored);

/** What the log says when it is held against its seals, event by event in its order. */
const check = (
  log: readonly SealedEvent[],
  changes: Partial<SealCheckDeps> = {},
  sealEvents: readonly StoredSeal[] = seals,
) => {
  const its = sealCheck({ seals, sealsReadAt: 100n, keys, sha256, ...changes });
  const all = [...log, ...sealEvents.map(({ place }) => eventAt(Number(place.position), place))];
  its.take(all.sort((a, b) => Number(a.position - b.position)));
  const violations = its.end();
  return { violations, summary: its.summary(), rules: violations.map(({ rule }) => rule) };
};
const without = (position: number) => events.filter((one) => one.position !== BigInt(position));
const changed = (position: number, changes: Partial<SealedEvent>) =>
  events.map((one) => (one.position === BigInt(position) ? { ...one, ...changes } : one));

test('a log that is as it was sealed has nothing to tell, and says how far the seals go', () => {
  expect(check(events)).toMatchObject({
    violations: [],
    summary: {
      ...{ blocks: 3, sealedEvents: 6, notSealedYet: 1, uncovered: 0 },
      head: headOf(third, sha256),
    },
  });
});

test('a log without seals is told as one: nothing of it is sealed', () => {
  expect(check(events, { seals: [] }, []).summary).toEqual({
    ...{ blocks: 0, sealedEvents: 0, notSealedYet: 7, uncovered: 0, head: undefined },
  });
});

test('system streams and the seals themselves are not sealed, all other streams are', () => {
  expect(['job-1', 'x', '$ce-job', SEAL_STREAM].map((stream) => isSealable({ stream }))).toEqual([
    ...[true, true, false, false],
  ]);
});

describe('an event of a block', () => {
  test('that was changed is named, with its place', () => {
    const { violations } = check(changed(50, { data: Uint8Array.of(1, 2) }));
    expect(violations).toEqual([
      {
        rule: 'seal-event-changed',
        subject: 'block 2',
        message: 'T s@5 at position 50 was changed after the seal',
        events: [{ stream: 's', revision: 5n, position: 50n, type: 'T' }],
      },
    ]);
  });

  test('that was removed is told with its neighbours, and how many are missing', () => {
    const { violations, summary } = check(without(40));
    expect(violations).toEqual([
      {
        rule: 'seal-event-removed',
        subject: 'block 2',
        message: 'the event at position 40 was removed; it stood before T s@5',
        events: [{ stream: 's', revision: 5n, position: 50n, type: 'T' }],
        removed: 1,
      },
    ]);
    expect(summary.sealedEvents).toBe(5);
    expect(check(without(50)).violations[0]?.message).toBe(
      'the event at position 50 was removed; it stood after T s@4',
    );
  });

  test('between two others that was removed is told with both', () => {
    const block = [10, 20, 40].map((position) => eventAt(position));
    const one = [stored(sealOf(block), 3)];
    const log = block.filter(({ position }) => position !== 20n);
    expect(check(log, { seals: one }, one).violations).toMatchObject([
      {
        message: 'the event at position 20 was removed; it stood after T s@1 and before T s@4',
        events: [{ position: 10n }, { position: 40n }],
      },
    ]);
  });

  test('that was added is named', () => {
    const { violations } = check([...events, eventAt(45, { revision: 9n })]);
    expect(violations).toMatchObject([
      {
        rule: 'seal-event-added',
        subject: 'block 2',
        message: 'T s@9 at position 45 was added after the seal',
      },
    ]);
    expect(violations[0]).not.toHaveProperty('removed');
  });

  test('that changed places with another is told as that, and from where', () => {
    const [a, b] = [eventAt(40), eventAt(50)];
    const log = [
      ...without(40).filter(({ position }) => position !== 50n),
      { ...b, position: 40n },
      { ...a, position: 50n },
    ];
    expect(check(log).violations).toEqual([
      {
        rule: 'seal-event-reordered',
        subject: 'block 2',
        message:
          'T s@4 was sealed at position 40 and stands at 50: reordered (the first of 2 differences in this block)',
        events: [{ stream: 's', revision: 4n, position: 50n, type: 'T' }],
      },
    ]);
  });

  test('that stands at a place of its own now is told by where it stood', () => {
    const log = [...without(40), eventAt(45, { ...eventAt(40), position: 45n })];
    expect(check(log).violations).toMatchObject([
      {
        rule: 'seal-event-reordered',
        message:
          'T s@4 was sealed at position 40 and stands at 45: reordered (the first of 2 differences in this block)',
      },
    ]);
    const moved = [...without(50), { ...eventAt(50), position: 35n }];
    expect(check(moved).violations).toMatchObject([
      { message: expect.stringContaining('was sealed at position 50 and stands at 35') as string },
    ]);
  });

  test('of which all are gone leave the block, which is told with how many there were', () => {
    const { violations } = check(without(40).filter(({ position }) => position !== 50n));
    expect(violations).toEqual([
      {
        rule: 'seal-event-removed',
        subject: 'block 2',
        message: 'the event at position 40 was removed (the first of 2 differences in this block)',
        events: [],
        removed: 2,
      },
    ]);
  });

  test('that is gone beside one that was changed is no removal alone, so nothing may excuse it', () => {
    const log = changed(50, { type: 'U' }).filter(({ position }) => position !== 40n);
    expect(check(log).violations[0]).not.toHaveProperty('removed');
  });
});

test('a block at the end is looked at as well, and each block for itself', () => {
  const log = changed(10, { type: 'U' }).map((one) =>
    one.position === 80n ? { ...one, id: 'other' } : one,
  );
  expect(check(log).violations.map(({ subject }) => subject)).toEqual(['block 1', 'block 3']);
});

test('the log may come in batches of any size', () => {
  const its = sealCheck({ seals, sealsReadAt: 100n, keys, sha256 });
  for (const event of events) its.take([event]);
  expect(its.end()).toEqual([]);
});

describe('a seal', () => {
  test('that is in the log and not in its stream was hidden', () => {
    const { violations, rules } = check(events, { seals: seals.slice(0, 1) });
    expect(rules).toEqual(['seal-hidden']);
    expect(violations[0]).toMatchObject({
      subject: SEAL_STREAM,
      message:
        '2 seals are in the log, but reading their stream does not give them: it was deleted or truncated',
      events: [{ stream: SEAL_STREAM, position: 60n }],
    });
  });

  test('that came after the seals were read is none that is hidden', () => {
    expect(check(events, { seals: seals.slice(0, 2), sealsReadAt: 89n }).violations).toEqual([]);
    expect(check(events, { seals: seals.slice(0, 2), sealsReadAt: 90n }).rules).toEqual([
      'seal-hidden',
    ]);
  });

  test('that cannot be read is altered, and the blocks beside it still count', () => {
    const damaged = [stored(first, 0), stored(undefined, 1), stored(third, 2)];
    const { violations, summary } = check(events, { seals: damaged });
    expect(violations).toMatchObject([
      {
        rule: 'seal-altered',
        subject: 'block 2',
        message: 'the seal seals@1: it cannot be read as a seal',
        events: [{ position: 60n }],
      },
    ]);
    expect(summary).toMatchObject({ blocks: 2, sealedEvents: 4, uncovered: 2, notSealedYet: 1 });
  });

  test('by a key that nobody has given proves nothing', () => {
    const foreign = sealOf(events.slice(0, 2), undefined, stranger);
    const { violations } = check(events, { seals: [stored(foreign, 0)] }, [stored(foreign, 0)]);
    expect(violations).toMatchObject([
      {
        rule: 'seal-unknown-key',
        message: `the seal seals@0: it is signed by key ${stranger.keyId}, whose public key is not among those given`,
      },
    ]);
  });

  test.each<[what: string, change: Partial<Seal>]>([
    ['another root', { root: 'ab'.repeat(32) }],
    ['another number of events', { events: 3 }],
    ['another end', { to: 21n }],
    ['another signature', { signature: new Uint8Array(64) }],
  ])('with %s is not what was signed', (_what, change) => {
    const { violations } = check(events, { seals: [stored({ ...first, ...change }, 0)] }, []);
    expect(violations).toMatchObject([
      {
        rule: 'seal-altered',
        message: `the seal seals@0: key ${key.keyId} has not signed what it says`,
      },
    ]);
  });

  test.each<[what: string, change: Partial<Seal>]>([
    ['is cut', { index: first.index.subarray(1) }],
    ['has fewer events', { events: 1 }],
    ['ends elsewhere', { to: 21n }],
  ])('whose index %s does not fit its block, whoever signed it', (_what, change) => {
    const content = { ...first, ...change };
    const signed = { ...content, signature: key.sign(sealText(content)) };
    expect(check(events, { seals: [stored(signed, 0)] }, []).violations).toMatchObject([
      { rule: 'seal-altered', message: 'the seal seals@0: its index does not fit its block' },
    ]);
  });

  test('that is missing is told by the one after it', () => {
    const gap = [stored(first, 0), stored(third, 2)];
    const { violations, summary } = check(events, { seals: gap }, gap);
    expect(violations).toMatchObject([
      {
        rule: 'seal-missing',
        subject: 'block 3',
        message: 'the seal seals@2: block 2 should be here: its seal is missing',
      },
    ]);
    expect(summary).toMatchObject({ blocks: 2, uncovered: 2 });
  });

  test('that comes twice counts once', () => {
    const twice = [stored(first, 0), stored(first, 1)];
    const { violations, summary } = check(events, { seals: twice }, twice);
    expect(violations).toMatchObject([
      {
        rule: 'seal-repeated',
        message: 'the seal seals@1: block 2 should be here: this one was there before',
      },
    ]);
    expect(summary.blocks).toBe(1);
  });

  test.each<[what: string, before: SealHead | undefined]>([
    ['of another chain', { ...sealHeadOf(first, sha256), head: 'ab'.repeat(32) }],
    ['that begins elsewhere', { ...sealHeadOf(first, sha256), to: 19n }],
  ])('%s does not go on from the one before it', (_what, before) => {
    const broken = [stored(first, 0), stored(sealOf(events.slice(2, 4), before), 1)];
    expect(check(events, { seals: broken }, broken).violations).toMatchObject([
      {
        rule: 'seal-chain-broken',
        message: 'the seal seals@1: it does not go on from the seal before it',
      },
    ]);
  });

  test('after one that cannot be trusted is not held against it', () => {
    const seal = { ...first, root: 'ab'.repeat(32) };
    expect(check(events, { seals: [stored(seal, 0), ...seals.slice(1)] }).rules).toEqual([
      'seal-altered',
    ]);
  });
});

describe('a head that was kept elsewhere', () => {
  const heads = [first, second, third].map((seal) => headOf(seal, sha256));

  test('is found wherever it is in the chain', () => {
    for (const lastSeal of heads) expect(check(events, { lastSeal }).violations).toEqual([]);
  });

  test('that is not shows that the end was cut off, seals and all', () => {
    const lastSeal = heads[2] ?? '';
    const short = seals.slice(0, 2);
    expect(check(events.slice(0, 4), { seals: short, lastSeal }, short).violations).toMatchObject([
      { rule: 'seal-head-lost', subject: lastSeal, events: [] },
    ]);
  });

  test('is not proved by a seal that is not signed', () => {
    const seal = { ...first, signature: new Uint8Array(64) };
    const lastSeal = headOf(seal, sha256);
    expect(check(events, { seals: [stored(seal, 0)], lastSeal }, []).rules).toContain(
      'seal-head-lost',
    );
  });
});

test('a block tells the earliest and the latest time of its events, in whatever order they came', () => {
  const builder = blockBuilder(undefined, sha256);
  for (const [n, createdTicks] of [20n, 10n, 30n].entries())
    builder.add(eventAt(10 * (n + 1), { createdTicks }));
  expect(builder.size()).toBe(3);
  const { createdFrom, createdTo } = builder.finish({ keyId: 'k', sealedAt: 't' });
  expect([createdFrom, createdTo]).toEqual([10n, 30n]);
});

test('a block of nothing is none', () => {
  expect(() => blockBuilder(undefined, sha256).finish({ keyId: 'k', sealedAt: 't' })).toThrow(
    'at least one event',
  );
});
