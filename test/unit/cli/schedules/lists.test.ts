import { linesOf } from '../../../support/run-verb';
import { startFakeApi, type Asked, type FakeApi, type Told } from './fake-api';

// lists that go over several pages, and what becomes of each line

let answer: (asked: Asked) => Told;
let api: FakeApi;
beforeAll(async () => {
  api = await startFakeApi((asked) => answer(asked));
});
beforeEach(() => {
  api.asked.length = 0;
});
afterAll(() => api.close());

const queryOf = ({ path }: Asked): Readonly<Record<string, string>> =>
  Object.fromEntries(new URL(path, api.url).searchParams);

describe('list', () => {
  const one = (n: number) => ({
    scheduleId: `id-${n}`,
    name: `number ${n}`,
    status: n % 2 === 0 ? 'active' : 'paused',
    timing: { rrule: 'DTSTART:20260105T083000\nRRULE:FREQ=WEEKLY' },
    timeZone: 'UTC',
    nextDueAt: n % 2 === 0 ? '2026-11-30T08:00:00.000Z' : null,
  });
  const pages = (total: number) => (asked: Asked) => {
    const { limit, cursor = '0' } = queryOf(asked);
    const end = Math.min(Number(cursor) + Number(limit), total);
    const items = Array.from({ length: end - Number(cursor) }, (_, n) => one(Number(cursor) + n));
    return { body: { items, ...(end < total && { nextCursor: String(end) }) } };
  };

  test('goes on to the end or the limit, in pages that the API takes', async () => {
    answer = pages(1_000);
    const { code, output } = await api.run('list', '--limit', '450', '--json');
    expect(code).toBe(0);
    expect(linesOf(output)).toHaveLength(450);
    expect(api.asked.map((asked) => queryOf(asked))).toEqual([
      { limit: '200' },
      { limit: '200', cursor: '200' },
      { limit: '50', cursor: '400' },
    ]);
    answer = pages(3);
    expect(linesOf((await api.run('list', '--json')).output)).toHaveLength(3);
  });

  test('shows each on a line, one without a next run too, and asks what it is narrowed by', async () => {
    answer = pages(2);
    const { output } = await api.run(
      ...['list', '--status', 'active,paused', '--q', 'a b', '--owner', 'ada'],
    );
    expect(api.asked.map((asked) => queryOf(asked))).toEqual([
      { limit: '50', status: 'active,paused', q: 'a b', ownerId: 'ada' },
    ]);
    const rule = 'rrule DTSTART:20260105T083000 RRULE:FREQ=WEEKLY in UTC';
    expect(output).toBe(
      [
        `id-0  active  2026-11-30T08:00:00.000Z  number 0  ${rule}`,
        `id-1  paused  -                         number 1  ${rule}`,
        '',
      ].join('\n'),
    );
  });

  test('says so when there is none, and that more follow beyond the limit', async () => {
    answer = pages(0);
    expect(await api.run('list')).toMatchObject({ code: 0, output: '', errors: 'no schedule\n' });
    answer = pages(3);
    const { output, errors } = await api.run('list', '--limit', '2');
    expect(output.trim().split('\n')).toHaveLength(2);
    expect(errors).toBe('more follow: --limit shows them\n');
  });
});

describe('tzdata', () => {
  const run = (n: number, movesTo?: string) => ({
    occurrenceAt: `2026-12-0${n}T08:00:00.000Z`,
    dueAt: `2026-12-0${n}T08:00:00.000Z`,
    ...(movesTo !== undefined && { movesTo }),
  });
  const displaced = (scheduleId: string, occurrences: readonly object[]) => ({
    ...{ scheduleId, name: 'at nine', timeZone: 'Africa/Casablanca', occurrences },
  });
  /** Three pages, the second without any. */
  const pages: Readonly<Record<string, object>> = {
    '': {
      items: [displaced('first', [run(1, '2026-12-01T09:00:00.000Z'), run(2)])],
      nextCursor: 'b',
    },
    b: { items: [], nextCursor: 'c+/=' },
    'c+/=': { items: [displaced('second', [run(3, '2026-12-03T09:00:00.000Z')])] },
  };
  const refusing = (asked: Asked): Told => {
    if (asked.method === 'GET')
      return { body: { tzdata: '2026f', ...pages[queryOf(asked)['cursor'] ?? ''] } };
    return asked.path.includes('/first/')
      ? { status: 409, type: 'application/problem+json', body: { title: 'It has started' } }
      : { body: {} };
  };

  test('alone it lists what would move and what stays, and moves nothing', async () => {
    answer = refusing;
    const { code, output } = await api.run('tzdata');
    expect(code).toBe(0);
    expect(api.asked.map(({ method }) => method)).toEqual(['GET', 'GET', 'GET']);
    const of = (id: string) => `${id}  at nine (Africa/Casablanca)`;
    expect(output).toBe(
      [
        `moves  ${of('first')}  2026-12-01T08:00:00.000Z to 2026-12-01T09:00:00.000Z`,
        `stays  ${of('first')}  2026-12-02T08:00:00.000Z its right time has passed`,
        `moves  ${of('second')}  2026-12-03T08:00:00.000Z to 2026-12-03T09:00:00.000Z`,
        'time zone data 2026f: 2 would move, 1 stay',
        '',
      ].join('\n'),
    );
  });

  test('--apply moves each and says why; one that is refused is told, and is no failure of the others', async () => {
    answer = refusing;
    const { code, output } = await api.run('tzdata', '--apply', '--json');
    const [first, stays, second, total] = linesOf(output);
    expect([first?.['outcome'], stays?.['outcome'], second?.['outcome']]).toEqual([
      ...['refused', 'stays', 'moved'],
    ]);
    expect(first?.['why']).toBe('It has started');
    expect(total).toEqual({
      ...{ kind: 'total', tzdata: '2026f', moves: 0, moved: 1, stays: 1, refused: 1 },
    });
    expect(code).toBe(1);
    expect(api.asked.filter(({ method }) => method === 'POST')).toMatchObject([
      { path: '/v1/schedules/first/occurrences/2026-12-01T08%3A00%3A00.000Z/move' },
      {
        path: '/v1/schedules/second/occurrences/2026-12-03T08%3A00%3A00.000Z/move',
        body: { dueAt: '2026-12-03T09:00:00.000Z', note: 'time zone data 2026f' },
      },
    ]);
  });

  test('an API that goes away meanwhile ends it with 1, and what was moved has been told', async () => {
    answer = (asked) =>
      asked.path.includes('/second/')
        ? { status: 503, type: 'application/problem+json', body: { title: 'The log is away' } }
        : refusing({ ...asked, path: asked.path.replace('/first/', '/other/') });
    const { code, output, errors } = await api.run('tzdata', '--apply');
    expect(output).toContain('moved  first');
    expect(errors).toContain('The log is away');
    expect(code).toBe(1);
  });
});
