import { rounds as countedRounds } from '../../../../processes/gateway/rounds';
import { runCheck } from '../../../../processes/gateway/run-check';
import type { HeldRun } from '../../../../projections/queries/rescuing/executor-runs';
import { silentLogger } from '../../../support/processes';

type Name = { readonly jobId: string; readonly attempt: number };

const j1 = { jobId: 'j1', attempt: 1 };
const j2 = { jobId: 'j2', attempt: 1 };
const held = (run: Name, startedAt = 1): HeldRun => ({
  ...run,
  startedAt,
  isAbortRequested: false,
});

/** One executor by the read model and by the streams, and a gateway that hears its beats. */
const setUp = (says: { held: readonly HeldRun[]; doubtful?: readonly Name[]; holds?: boolean }) => {
  const rounds = countedRounds();
  const givenUp: string[] = [];
  const looked: string[] = [];
  const check = runCheck(
    {
      runs: {
        heldBy: (executorId) => {
          looked.push(executorId);
          return Promise.resolve(says.held);
        },
        doubtful: () => Promise.resolve(says.doubtful ?? []),
      },
      commands: {
        holds: (jobId) =>
          jobId === 'unreadable'
            ? Promise.reject(new Error('an event of an unknown type'))
            : Promise.resolve(says.holds ?? false),
        loseGrant: (jobId) => {
          givenUp.push(jobId);
          return Promise.resolve('done');
        },
      },
      logger: silentLogger,
      metrics: { lostGrant: () => undefined },
    },
    rounds,
  );
  const beat = (runs: readonly Name[] | undefined, running = runs?.length ?? 1) =>
    check(
      { executorId: 'x1', queue: 'default', running, ...(runs && { runs: [...runs] }) },
      rounds.latestEnded(),
    );
  /** A round trip to the broker: what comes after it was sent after it had begun. */
  const roundTrip = (): void => {
    rounds.ended(rounds.begin());
  };
  return { beat, roundTrip, givenUp, looked, rounds };
};

describe('a grant that its executor does not name', () => {
  test('is lost when it was there before the beat was sent', async () => {
    const { beat, roundTrip, givenUp } = setUp({ held: [held(j1), held(j2)] });
    await beat([j2]);
    expect(givenUp).toEqual([]);
    roundTrip();
    await beat([j2]);
    expect(givenUp).toEqual(['j1']);
  });

  test('may be younger than the beat: a gateway that thaws reads old beats in a row, and gives up nobody', async () => {
    const { beat, givenUp, rounds } = setUp({ held: [held(j1)] });
    const underWay = rounds.begin(); // before the freeze: it tells nothing of what has come meanwhile
    for (let n = 0; n < 8; n++) await beat([]);
    rounds.ended(underWay);
    await beat([]);
    expect(givenUp).toEqual([]);
  });

  test('is alive as soon as it is named', async () => {
    const { beat, roundTrip, givenUp } = setUp({ held: [held(j1)] });
    await beat([]);
    roundTrip();
    await beat([j1]);
    roundTrip();
    await beat([]);
    expect(givenUp).toEqual([]);
  });

  test('is another one after the same attempt was granted anew', async () => {
    const says = { held: [held(j1, 1)] };
    const { beat, roundTrip, givenUp } = setUp(says);
    await beat([]);
    roundTrip();
    says.held = [held(j1, 2)];
    await beat([]);
    expect(givenUp).toEqual([]);
  });

  test('is no matter for an executor that sends only a count', async () => {
    const { beat, roundTrip, givenUp, looked } = setUp({ held: [held(j1)] });
    for (let n = 0; n < 3; n++) {
      await beat(undefined);
      roundTrip();
    }
    await beat(undefined, 0);
    expect(givenUp).toEqual([]);
    expect(looked).toHaveLength(3); // idle: nothing to look up
  });
});

describe('a run that is named and not held', () => {
  test('is revoked when the stream says so too', async () => {
    const { beat } = setUp({ held: [], doubtful: [j1], holds: false });
    expect(await beat([j1, j2])).toEqual({ abort: [], revoked: [j1] });
  });

  test('goes on while the read model is merely behind', async () => {
    const { beat } = setUp({ held: [], doubtful: [j1], holds: true });
    expect(await beat([j1])).toEqual({ abort: [] });
  });

  test('of an unreadable stream costs the others nothing', async () => {
    const unreadable = { jobId: 'unreadable', attempt: 1 };
    const { beat } = setUp({ held: [], doubtful: [unreadable, j1] });
    expect(await beat([unreadable, j1])).toEqual({ abort: [], revoked: [j1] });
  });
});

test('runs that shall stop are told to every executor that has any', async () => {
  const { beat } = setUp({ held: [{ ...held(j1), isAbortRequested: true }, held(j2)] });
  expect(await beat([j1, j2])).toEqual({ abort: [j1] });
  expect(await beat(undefined, 2)).toEqual({ abort: [j1] });
});
