import { setTimeout as sleep } from 'node:timers/promises';
import { operationCommands } from '../commands/operations/operation-commands';
import { systemClock } from '../infra/clock';
import { closeEventStore, openEventStore } from '../infra/eventstore/client';
import { eventStoreLog } from '../infra/eventstore/event-log';
import { uuids } from '../infra/ids';
import {
  knownOperation,
  OPERATION_COLUMNS,
  type OperationRow,
} from '../projections/queries/operations/operation-row';
import { archivistOf, byTurns } from './beside';
import { burst } from './burst';
import { someDay } from './jobs';
import { latest } from './latest';
import { streams } from './names';
import { inFlight } from './pace';
import { onRig, type Rig } from './rig';
import type { Figures, Row } from './row';
import { rounded } from './statistics';
import { settle } from './warm-up';

const JOBS = 100_000;
const QUEUE = 'bulk';
/** Leaves some of two cores: what an operation costs is seen in how late jobs start. */
const steady = { of: '200/s', perSecond: 200 };
/** All turns are shorter than the operation takes. */
const TURNS = 6;
const BURSTS = 4;
/** Until the operation stands still, or goes on at its pace. */
const SETTLE_MS = 1_000;
const WITHIN_MS = 900_000;
const LOOK_EVERY_MS = 1_000;

const scheduleAll = async (rig: Rig): Promise<void> => {
  const last = latest();
  await inFlight(64, JOBS, async (index) => {
    last.see((await rig.schedule(index, someDay(index), QUEUE)).position);
  });
  await rig.projected.reached(last.get());
};

/** By an operator: the jobs are of sixteen owners. */
const startCancel = async ({ urls }: Rig): Promise<string> => {
  const client = openEventStore(urls.eventstoreUrl);
  const commands = operationCommands({
    log: eventStoreLog(client, streams),
    clock: systemClock,
    ids: uuids,
    known: { find: () => Promise.resolve(undefined) },
  });
  const answer = await commands.start(
    { kind: 'cancel', selection: { by: 'filter', filter: { queue: QUEUE } } },
    { actor: { kind: 'operator', id: 'bench' }, correlationId: uuids.next() },
  );
  await closeEventStore(client);
  if (answer.outcome !== 'accepted') throw new Error(JSON.stringify(answer));
  return answer.operationId;
};

const lookAt = async ({ database }: Rig, operationId: string) => {
  const { rows } = await database.query<OperationRow>(
    `select ${OPERATION_COLUMNS} from operations where operation_id = $1`,
    [operationId],
  );
  return rows[0] && knownOperation(rows[0]);
};

const untilEnded = async (rig: Rig, operationId: string, note: (text: string) => void) => {
  const giveUpAt = performance.now() + WITHIN_MS;
  for (;;) {
    const found = await lookAt(rig, operationId);
    if (found?.endedAt !== undefined || performance.now() > giveUpAt) return found;
    note(`${found?.changed ?? 0} of ${JOBS} are cancelled`);
    await sleep(LOOK_EVERY_MS);
  }
};

/** A cancel leaves each job with two events; with more it was changed twice. */
const CANCELLED = `
  select count(*) filter (where status = 'cancelled') as cancelled, count(*) filter (where revision > 1) as twice
  from jobs where queue = $1`;

const cancelledIn = async ({ database }: Rig): Promise<Readonly<Record<string, number>>> => {
  const { rows } = await database.query<{ cancelled: string; twice: string }>(CANCELLED, [QUEUE]);
  return {
    notCancelled: JOBS - Number(rows[0]?.cancelled),
    twice: Number(rows[0]?.twice),
  };
};

const mean = (its: readonly Figures[], figure: string): number =>
  rounded(its.reduce((sum, figures) => sum + Number(figures[figure]), 0) / its.length);

/** How long bursts of due jobs take to be done with while the operation goes on and stands still, by turns. */
const burstsByTurns = async (rig: Rig) => {
  const operating = await archivistOf(rig);
  const finished: Record<'alone' | 'beside', Figures[]> = { alone: [], beside: [] };
  try {
    for (let turn = 0; turn < BURSTS; turn++)
      for (const how of ['alone', 'beside'] as const) {
        operating.signal(how === 'alone' ? 'SIGSTOP' : 'SIGCONT');
        await sleep(SETTLE_MS);
        const { finishedMs, leftBehind } = await burst(rig);
        finished[how].push({ finishedMs, leftBehind });
      }
  } finally {
    await operating.end();
  }
  return finished;
};

/** A hundred thousand jobs cancelled in one operation: how long it takes, and what it costs the jobs beside it. */
export const operations: Row = {
  name: 'operations',
  measure: async (options) =>
    await onRig(options, async (rig) => {
      await settle(rig);
      options.note(`${JOBS} jobs are scheduled`);
      await scheduleAll(rig);
      const operationId = await startCancel(rig);
      options.note('bursts of due jobs, with and without the operation by turns');
      const bursts = await burstsByTurns(rig);
      const [finishedMs, aloneFinishedMs] = [
        mean(bursts.beside, 'finishedMs'),
        mean(bursts.alone, 'finishedMs'),
      ];
      const duringBursts = await lookAt(rig, operationId);
      options.note(`${steady.of}, with and without the operation by turns`);
      // the process that carries it out runs beside the archivist, which has little to do at this load
      const turns = await byTurns(rig, steady, TURNS, () => archivistOf(rig));
      const duringTurns = await lookAt(rig, operationId);
      if (duringTurns?.status !== 'running')
        throw new Error('the operation was not under way in all turns: nothing was compared');
      const [p50Ms, aloneP50Ms] = [
        mean(turns.beside, 'startLateP50Ms'),
        mean(turns.alone, 'startLateP50Ms'),
      ];
      const restFrom = performance.now();
      const ended = await untilEnded(rig, operationId, options.note);
      const restSeconds = (performance.now() - restFrom) / 1_000;
      const rest = (ended?.changed ?? 0) - duringTurns.changed;
      return [
        {
          of: 'bursts of 10,000 due jobs beside an operation',
          values: {
            finishedMs,
            aloneFinishedMs,
            shareOfAlone: rounded(finishedMs / aloneFinishedMs),
            leftBehind: mean([...bursts.beside, ...bursts.alone], 'leftBehind'),
            cancelledMeanwhile: duringBursts?.changed ?? 0,
          },
          target: [
            { of: 'shareOfAlone', atMost: 1.1 },
            { of: 'leftBehind', atMost: 0 },
          ],
          runs: BURSTS,
        },
        {
          of: `starts at ${steady.of} beside an operation`,
          values: {
            startLateP50Ms: p50Ms,
            aloneStartLateP50Ms: aloneP50Ms,
            startLateP99Ms: mean(turns.beside, 'startLateP99Ms'),
            aloneStartLateP99Ms: mean(turns.alone, 'startLateP99Ms'),
            shareOfAlone: rounded(p50Ms / aloneP50Ms),
            cancelledMeanwhile: duringTurns.changed - (duringBursts?.changed ?? 0),
          },
          runs: turns.beside.length,
        },
        {
          of: `${JOBS} jobs cancelled in one operation`,
          values: {
            alonePerSecond: rounded(rest / restSeconds),
            ...(await cancelledIn(rig)),
          },
          target: [
            { of: 'notCancelled', atMost: 0 },
            { of: 'twice', atMost: 0 },
          ],
        },
      ];
    }),
};
