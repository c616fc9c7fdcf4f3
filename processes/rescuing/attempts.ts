import type { AttemptCommands } from '../../commands/attempt-commands';
import type { Clock } from '../../domain/time';
import type { QueuedJobs } from '../../projections/queries/rescuing/queued-jobs';
import type { UnfinishedJobs } from '../../projections/queries/rescuing/unfinished-jobs';
import type { Timers } from '../runtime/timers';
import { contained, type ContainedDeps, type Helped } from './contained';
import type { Search } from './search';
import type { SeenTime } from './seen-time';
import type { RescuerSettings } from './settings';
import type { Strays } from './broker/strays';

export type AttemptSearchDeps = ContainedDeps & {
  readonly commands: Pick<AttemptCommands, 'timeOut' | 'loseExecutor' | 'expire' | 'look'>;
  readonly unfinished: Pick<UnfinishedJobs, 'overdue' | 'orphaned'>;
  readonly queued: Pick<QueuedJobs, 'tooLate'>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly seen: SeenTime;
  /** Looks at the database's clock; it may have been set since the last look. */
  readonly lookNow: () => Promise<void>;
  readonly strays: Strays;
};

/** Attempts over their limit: as time that was seen to pass. Needs no broker. */
export const overdueSearch = (deps: AttemptSearchDeps, settings: RescuerSettings): Search => {
  const { commands, unfinished, metrics, timers, seen, strays } = deps;
  const { overdueGraceMs, freshStartMs, pageSize } = settings;
  const rows = contained('overdue', deps);
  const streams = contained('overdue', deps);
  const isCalm = (): boolean => seen.isSteady(timers.monotonicMs(), freshStartMs);

  const timeOut = async (jobId: string, attempt: number, ageMs: number): Promise<boolean> => {
    const isDone = (await commands.timeOut(jobId, attempt, Math.floor(ageMs))) === 'done';
    if (isDone) metrics.rescued('timed-out');
    return isDone;
  };

  /** For a job whose row says something else. */
  const byStream = async (jobId: string): Promise<Helped> => {
    const job = await commands.look(jobId);
    if (job?.status === 'running') {
      const ageMs = strays.ageMs(jobId, job.token);
      if (ageMs >= job.definition.timeoutMs + overdueGraceMs)
        await timeOut(jobId, job.attempt, ageMs);
    } else if (job?.status !== 'queued') strays.drop(jobId);
    return 'again';
  };

  return {
    name: 'overdue',
    round: async () => {
      if (!isCalm()) return undefined;
      const bands = seen.bands(overdueGraceMs);
      for (let after = -1n; ;) {
        const page = await unfinished.overdue(bands, overdueGraceMs, after, pageSize);
        if (!isCalm()) return undefined;
        await rows.each(page, async ({ jobId, attempt, ageMs }, times) => {
          if (await timeOut(jobId, attempt, ageMs)) return 'settled';
          if (times > 0) strays.add(jobId);
          return 'again';
        });
        const last = page.at(-1);
        if (!last || page.length < pageSize) break;
        after = last.position;
      }
      await streams.each(strays.all(), ({ jobId }) => byStream(jobId));
      metrics.putOff('overdue', rows.size() + streams.size());
      return undefined;
    },
  };
};

/** Attempts whose executor nobody hears any more. Needs no broker. */
export const orphanedSearch = (deps: AttemptSearchDeps, settings: RescuerSettings): Search => {
  const { commands, unfinished, metrics, timers, seen, lookNow } = deps;
  const { silentMs, pageSize } = settings;
  const work = contained('orphaned', deps);
  const isCalm = (): boolean => seen.isSteady(timers.monotonicMs(), silentMs);
  return {
    name: 'orphaned',
    round: async () => {
      if (!isCalm()) return undefined; // after a jump of the clock or a sleep everybody looks silent
      const page = await unfinished.orphaned(silentMs, pageSize + work.size());
      if (page.length > 0) await lookNow();
      if (!isCalm()) return undefined; // it may have come between the last look and the answer
      await work.each(page, async ({ jobId, attempt, executorId }) => {
        const outcome = await commands.loseExecutor(jobId, attempt, executorId);
        if (outcome !== 'done') return 'again';
        metrics.rescued('executor-lost');
        return 'settled';
      });
      metrics.putOff('orphaned', work.size());
      return undefined;
    },
  };
};

/** Queued jobs that are later than they may be, by the clock here and by the database's. Needs no broker. */
export const tooLateSearch = (deps: AttemptSearchDeps, { pageSize }: RescuerSettings): Search => {
  const { commands, queued, metrics, clock, timers, seen } = deps;
  const work = contained('too-late', deps);
  return {
    name: 'too-late',
    round: async () => {
      const now = Math.min(clock.now(), seen.databaseNow(timers.monotonicMs()));
      const ids = Number.isFinite(now) ? await queued.tooLate(now, pageSize + work.size()) : [];
      await work.each(
        ids.map((jobId) => ({ jobId })),
        async ({ jobId }) => {
          if ((await commands.expire(jobId)) !== 'done') return 'again';
          metrics.rescued('expired');
          return 'settled';
        },
      );
      metrics.putOff('too-late', work.size());
      return undefined;
    },
  };
};
