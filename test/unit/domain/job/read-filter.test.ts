import { readFilter, type FilterField } from '../../../../domain/job/read-filter';

const ID = '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f60aa';
type Texts = Readonly<Partial<Record<FilterField, string | undefined>>>;

test.each<readonly [string, Texts, object]>([
  ['nothing narrows nothing', { tag: undefined }, {}],
  ['an id is taken in either case', { scheduleId: ID.toUpperCase() }, { scheduleId: ID }],
  ['a queue is a name', { queue: 'mail' }, { queue: 'mail' }],
  ['a text is compared in normal form C', { tag: 'Zoe\u0308' }, { tag: 'Zo\u00eb' }],
  ['the longest text fits', { ownerId: 'x'.repeat(255) }, { ownerId: 'x'.repeat(255) }],
  [
    'statuses are told once and in one order',
    { status: 'queued,failed,queued' },
    {
      status: ['failed', 'queued'],
    },
  ],
  [
    'a code is compared as it was reported',
    { errorCode: 'e\u0308\u200b' },
    {
      errorCode: 'e\u0308\u200b',
    },
  ],
  ['the longest code fits', { errorCode: 'x'.repeat(100) }, { errorCode: 'x'.repeat(100) }],
  [
    'a window may be a moment',
    { from: '2026-11-23T12:00:00Z', to: '2026-11-23T12:00:00Z' },
    {
      from: Date.UTC(2026, 10, 23, 12),
      to: Date.UTC(2026, 10, 23, 12),
    },
  ],
  ['a window may be open', { to: '2026-11-23T12:00:00Z' }, { to: Date.UTC(2026, 10, 23, 12) }],
  [
    'a window may have no end',
    { from: '2026-11-23T12:00:00Z' },
    { from: Date.UTC(2026, 10, 23, 12) },
  ],
])('%s', (_why, texts, filter) => {
  expect(readFilter(texts)).toEqual({ filter });
});

test.each<readonly [FilterField, Texts, string]>([
  ['scheduleId', { scheduleId: 'x' }, 'bad-id'],
  ['queue', { queue: 'a queue' }, 'bad-queue'],
  ['tag', { tag: '' }, 'bad-parameter'],
  ['ownerId', { ownerId: 'x'.repeat(256) }, 'bad-parameter'],
  ['tag', { tag: 'a\0' }, 'invalid-unicode'],
  ['errorCode', { errorCode: '' }, 'bad-parameter'],
  ['errorCode', { errorCode: 'x'.repeat(101) }, 'bad-parameter'],
  ['errorCode', { errorCode: 'a\0' }, 'invalid-unicode'],
  ['errorCode', { errorCode: '\ud800' }, 'invalid-unicode'],
  ['status', { status: 'queued,blue' }, 'bad-parameter'],
  ['status', { status: '' }, 'bad-parameter'],
  ['to', { from: '2026-11-23T12:00:01Z', to: '2026-11-23T12:00:00Z' }, 'bad-window'],
])('what is wrong with %s is told: %j', (field, texts, problem) => {
  expect(readFilter(texts)).toEqual({ field, problem });
});

test('the first field that is wrong is told, and a time that is none says what it lacks', () => {
  expect(readFilter({ from: 'noon', queue: 'a queue' })).toMatchObject({ field: 'from' });
});
