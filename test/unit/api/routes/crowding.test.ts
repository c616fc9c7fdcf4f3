import supertest from 'supertest';
import { toTimestamp } from '../../../../domain/time';
import { apiUnderTest, bearer, keys, NOW, told } from '../api-under-test';

const MINUTE_MS = 60_000;
/** A minute that so many minutes are between and now. */
const minuteIn = (minutes: number): string => toTimestamp(NOW + minutes * MINUTE_MS);

/** @param crowded  minutes from now on */
const ask = async (query: string, crowded: readonly number[]) => {
  const { app } = apiUnderTest({
    crowding: {
      toldTo: () => ({
        add: () => {
          throw new Error('who only asks is not counted');
        },
        at: (dueAt) => {
          const minute = Math.floor((dueAt - NOW) / MINUTE_MS);
          const found = { code: 'crowded-minute', minute: minuteIn(minute) } as const;
          return crowded.includes(minute) ? { ...found, jobs: 12, capacity: 10 } : undefined;
        },
      }),
    },
  });
  const { status, body } = told(
    await supertest(app).get(`/v1/crowding${query}`).set('authorization', bearer(keys.alice)),
  );
  return { status, body };
};

describe('GET /v1/crowding', () => {
  test('a minute that has room has no warning, and nothing else is offered', async () => {
    expect(await ask(`?dueAt=${minuteIn(10)}`, [])).toEqual({
      status: 200,
      body: { warnings: [], quieter: [] },
    });
  });

  test('of a crowded one the nearest with room is offered on each side, the nearest first', async () => {
    const dueAt = toTimestamp(NOW + 10 * MINUTE_MS + 17_000);
    expect(await ask(`?dueAt=${dueAt}`, [9, 10, 11, 12])).toEqual({
      status: 200,
      body: {
        warnings: [{ code: 'crowded-minute', minute: minuteIn(10), jobs: 12, capacity: 10 }],
        quieter: [minuteIn(8), minuteIn(13)],
      },
    });
  });

  test('no minute that has begun is offered, for a job cannot be due in it', async () => {
    const { body } = await ask(`?dueAt=${minuteIn(1)}`, [1]);
    expect(body).toMatchObject({ quieter: [minuteIn(2)] });
  });

  test('where all is crowded for half an hour around, nothing is offered', async () => {
    const { body } = await ask('', [...Array(31).keys()]);
    expect(body).toMatchObject({ quieter: [] });
  });

  test('what is no time is refused', async () => {
    expect(await ask('?dueAt=noon', [])).toMatchObject({ status: 400 });
  });
});
