import type { Page } from 'playwright-core';

const HOUR_MS = 3_600_000;

const before = (hours: number): string => new Date(Date.now() - hours * HOUR_MS).toISOString();

const idOf = (n: number): string => `019ab000-0000-7000-8000-${String(n).padStart(12, '0')}`;

const CAUSES = [
  ['HTTP_503', 'partners', 1_204, 'The partner answered 503: Service Unavailable', 'Call “Nord”'],
  ['TIMEOUT', 'exports', 87, 'No answer within 60 s', 'Nightly export to the warehouse'],
  ['card_declined', 'payments', 41, 'Insufficient funds', 'Charge subscription 88121'],
  ['executor-lost', 'media', 3, 'Its executor was not heard of any more', 'Resize pictures'],
] as const;

const deadLetters = (): object => ({
  isComplete: true,
  causes: CAUSES.map(([errorCode, queue, jobs, message, name], n) => ({
    ...{ errorCode, queue, jobs, isCounted: true },
    ...{ firstAt: before(30 - n * 6), lastAt: before(n / 3 + 0.02) },
    last: { jobId: idOf(n), ownerId: 'me', name, message },
  })),
});

type MadeUp = Readonly<Record<string, unknown>>;

const operation = (n: number, started: number, more: MadeUp): object => ({
  ...{ operationId: idOf(n), ownerId: 'me', revision: 7, startedAt: before(started) },
  ...more,
});

const running = (): object =>
  operation(1, 0.01, {
    ...{ kind: 'redrive', status: 'running', endedAt: null, items: 1_204 },
    filter: { status: ['failed'], errorCode: 'HTTP_503', queue: 'partners' },
    reason: 'the partner is back',
    progress: { waiting: 391, changed: 806, unchanged: 0, refused: 7, left: 0 },
  });

const operations = (): readonly object[] => [
  running(),
  operation(2, 5, {
    ...{ kind: 'move', by: 'PT2H', status: 'completed', endedAt: before(4.9), items: 9_871 },
    ...{ filter: { queue: 'mail' }, reason: 'the mail server is down' },
    progress: { waiting: 0, changed: 9_868, unchanged: 0, refused: 3, left: 0 },
  }),
  operation(3, 29, {
    ...{ kind: 'cancel', status: 'stopped', endedAt: before(28.9), items: 400 },
    ...{ filter: { tag: 'newsletter' }, reason: 'sent by mistake', note: 'the wrong tag' },
    progress: { waiting: 0, changed: 200, unchanged: 0, refused: 0, left: 200 },
  }),
];

const items = (): readonly object[] =>
  Array.from({ length: 12 }, (_, n) => ({
    ...{ item: n, jobId: idOf(100 + n), name: `Tell the partner of order ${48_210 + n}` },
    ...(n === 3 ? { outcome: 'refused', code: 'job-not-failed' } : { outcome: 'changed' }),
  }));

/** Lets a page see dead letters and operations of a busy system, whatever the real one has; and where one of them is. */
export const madeUpOperations = async (page: Page): Promise<string> => {
  await page.route(/\/v1\/dead-letters/, (route) => route.fulfill({ json: deadLetters() }));
  await page.route(/\/v1\/operations(\?.*)?$/, (route) =>
    route.request().method() === 'GET'
      ? route.fulfill({ json: { items: operations() } })
      : route.continue(),
  );
  await page.route(/\/v1\/operations\/019ab000/, (route) =>
    route.fulfill({
      json: route.request().url().includes('/items') ? { items: items() } : running(),
    }),
  );
  return `/operations/${idOf(1)}`;
};
