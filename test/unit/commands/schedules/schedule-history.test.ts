import { scheduleHistory } from '../../../../commands/schedules/schedule-history';
import { as } from '../../../support/command-bench';
import { NOBODYS, ada, benchOf, done, made } from '../../../support/schedule-bench';

describe('a history', () => {
  const whole = async () => {
    const bench = benchOf();
    const id = await made(bench);
    for (const note of ['one', 'two']) {
      done(await bench.commands.pause(id, note, ada));
      done(await bench.commands.resume(id, undefined, ada));
    }
    return { ...bench, id, history: scheduleHistory(bench.memory, bench.known) };
  };
  const revisionsOf = (page?: { readonly events: readonly { readonly revision: number }[] }) =>
    page?.events.map(({ revision }) => revision);

  test('is told from its end on, page by page, and says where the next older one ends', async () => {
    const { id, history } = await whole();
    const page = async (limit: number, before?: bigint) => {
      const found = await history.events(id, ada.actor, {
        limit,
        ...(before !== undefined && { before }),
      });
      return [revisionsOf(found), found?.olderBefore];
    };
    expect(await page(9)).toEqual([[0, 1, 2, 3, 4], undefined]);
    expect(await page(2)).toEqual([[3, 4], 3n]);
    expect(await page(2, 3n)).toEqual([[1, 2], 1n]);
    expect(await page(2, 1n)).toEqual([[0], undefined]);
    expect(await page(2, 4n)).toEqual([[2, 3], 2n]);
    expect(await page(5, 99n)).toEqual([[0, 1, 2, 3, 4], undefined]);
    expect(await page(2, 0n)).toEqual([[], undefined]);
  });

  test('says of each event who, when and where, and the story tells the same in words', async () => {
    const { id, history, events } = await whole();
    const found = await history.events(id, ada.actor, { limit: 1 });
    expect(found?.events).toEqual([
      {
        ...{ type: 'ScheduleResumed', data: {}, actor: { kind: 'user', id: 'ada' } },
        ...{ time: '2026-12-07T10:05:00.000Z', revision: 4 },
        position: String((await events(id)).at(-1)?.position),
      },
    ]);
    const story = await history.story(id, ada.actor, { limit: 1 });
    expect(story).toMatchObject({ scheduleId: id, olderBefore: 4n });
  });

  test('of somebody else’s or of none is none', async () => {
    const { id, history } = await whole();
    expect(await history.events(id, as('bob').actor, { limit: 1 })).toBeUndefined();
    expect(await history.story(NOBODYS, ada.actor, { limit: 1 })).toBeUndefined();
  });
});
