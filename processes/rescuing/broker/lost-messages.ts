import type { AttemptCommands } from '../../../commands/attempt-commands';
import type { DueStock, StockState } from '../../../infra/nats/due-stock';
import type { QueuedJobs, SentRow } from '../../../projections/queries/rescuing/queued-jobs';
import type { Timers } from '../../runtime/timers';
import { contained, type ContainedDeps, type Helped } from '../contained';
import { fromBroker } from './from-broker';
import type { Leftovers } from './leftovers';
import type { Search } from '../search';
import type { SeenTime } from '../seen-time';
import { sendAgain, sizeOf, type SendAgain, type SendAgainDeps } from './send-again';
import type { RescuerSettings } from '../settings';
import type { Strays } from './strays';

export type LostMessagesDeps = ContainedDeps &
  SendAgainDeps & {
    readonly commands: Pick<AttemptCommands, 'redispatch' | 'failDelivery' | 'look'>;
    readonly queued: Pick<QueuedJobs, 'page' | 'sent'>;
    readonly stock: DueStock;
    readonly timers: Timers;
    readonly seen: SeenTime;
    readonly strays: Strays;
    readonly leftovers: Leftovers;
  };

/** Rows of a page that is only compared. */
const COMPARED_AT_ONCE = 5_000;
/** Lost messages that are read whole and sent at once. */
const SENT_AT_ONCE = 500;
/** A comparison takes at most this share of the time: so much waits until the next one for each ms of it. */
const REST = 50;
/** Up to so many missing messages are looked for once more, one by one. */
const FEW = 64;
/** Room in the stream that stays for what is dispatched meanwhile. */
const RESERVED_BYTES = 64 * 1_024;

/** Notices a broker that has come back empty. */
const lossWatch = (
  { logger, timers, seen }: LostMessagesDeps,
  { startTimeoutMs }: RescuerSettings,
): ((state: StockState) => boolean) => {
  let incarnation: string | undefined;
  let lossUntilMs = -Infinity;
  return ({ madeAt }) => {
    const nowMs = timers.monotonicMs();
    const isNew =
      incarnation === undefined
        ? seen.databaseNow(nowMs) - Date.parse(madeAt) < startTimeoutMs
        : madeAt !== incarnation;
    if (isNew) {
      logger.warn(
        { madeAt },
        'the stream of due jobs is new; looking for lost messages immediately',
      );
      lossUntilMs = nowMs + startTimeoutMs;
    }
    incarnation = madeAt;
    return nowMs < lossUntilMs;
  };
};

/** Sends lost messages again as long as the broker has room. */
const resender = (
  { queued, stock, strays }: LostMessagesDeps,
  again: SendAgain,
  work: ReturnType<typeof contained>,
  maxDeliveries: number,
) => {
  const sendOne =
    (isAfterLoss: boolean, isFew: boolean) =>
    async (lost: SentRow, times: number): Promise<Helped> => {
      // it may have come while we compared; twice is harmless, and to ask for each of many is slow
      const isThere =
        isFew && (await fromBroker(stock.newest(lost.queue, lost.jobId))) !== undefined;
      if (isThere) return 'settled';
      // how often a broker loses all that it has tells nothing of a message
      const helped = await again.send(lost, isAfterLoss ? undefined : maxDeliveries);
      if (helped === 'again' && times > 0) strays.add(lost.jobId);
      return helped;
    };
  /** @returns the room that is left, 0 when there is none for the next one */
  return async (
    jobIds: readonly string[],
    roomBytes: number,
    isAfterLoss: boolean,
  ): Promise<number> => {
    let left = roomBytes;
    for (let i = 0; i < jobIds.length && left > 0; i += SENT_AT_ONCE) {
      const rows = await queued.sent(jobIds.slice(i, i + SENT_AT_ONCE));
      const fitting = rows.filter((row) => (left -= sizeOf(row)) > RESERVED_BYTES);
      await work.each(fitting, sendOne(isAfterLoss, jobIds.length <= FEW));
      if (again.isStuck()) return 0;
    }
    return left;
  };
};

/**
 * Compares all queued jobs with what the broker holds, in bulk. What the log has and the broker has not is
 * sent again; what the broker has and the log does not want any more is taken out.
 */
export const lostMessagesSearch = (deps: LostMessagesDeps, settings: RescuerSettings): Search => {
  const { commands, queued, stock, metrics, timers, seen, strays, leftovers } = deps;
  const { everyMs, startTimeoutMs, startTimeoutAfterLossMs, compareEveryMs } = settings;
  const isAfterLossBy = lossWatch(deps, settings);
  const again = sendAgain(deps);
  const concurrency = Math.max(deps.concurrency, 128); // appends and publishes that are waited for
  const rows = contained('lost', { ...deps, concurrency });
  const streams = contained('lost', deps);
  const resend = resender(deps, again, rows, settings.maxDeliveries);
  let compareAtMs = -Infinity;

  /** For a job whose row says something else. */
  const byStream = async (jobId: string): Promise<Helped> => {
    const job = await commands.look(jobId);
    if (job?.status !== 'queued') {
      if (job?.status !== 'running') strays.drop(jobId);
      return 'again';
    }
    const { attempt, delivery, dueAt, definition } = job;
    const isLate = strays.ageMs(jobId, job.dispatchedAtRevision) >= startTimeoutMs;
    if (isLate && (await fromBroker(stock.newest(definition.queue, jobId))) === undefined)
      await again.send(
        { ...definition, jobId, attempt, delivery, dueAt, revision: job.revision, position: 0n },
        settings.maxDeliveries,
      );
    return 'again';
  };

  const compare = async (state: StockState, isAfterLoss: boolean): Promise<void> => {
    const upTo = seen.positionBefore(isAfterLoss ? startTimeoutAfterLossMs : startTimeoutMs) ?? -1n;
    const stored = new Map<string, number>();
    const wanted = new Set<string>();
    if (state.messages > 0)
      await fromBroker(
        stock.subjects(({ queue, jobId, messages }) => stored.set(`${queue}.${jobId}`, messages)),
      );
    let roomBytes = state.roomBytes - RESERVED_BYTES;
    let waiting = 0;
    for (let after = -1n; ;) {
      const page = await queued.page(after, COMPARED_AT_ONCE);
      const missing: string[] = [];
      for (const { jobId, queue, position } of page) {
        const subject = `${queue}.${jobId}`;
        const messages = stored.get(subject);
        if (messages === 1) wanted.add(subject);
        if (position > upTo) continue;
        if (messages === undefined) missing.push(jobId);
        else waiting += 1;
      }
      roomBytes = await resend(missing, roomBytes, isAfterLoss);
      const last = page.at(-1);
      if (!last || page.length < COMPARED_AT_ONCE) break;
      after = last.position;
    }
    metrics.waiting(waiting);
    await leftovers.remove(
      [...stored]
        .filter(([subject]) => !wanted.has(subject))
        .map(([subject, messages]) => {
          const [queue = '', jobId = ''] = subject.split('.');
          return { queue, jobId, messages };
        }),
    );
  };

  return {
    name: 'lost',
    round: async () => {
      if (!Number.isFinite(seen.databaseNow(timers.monotonicMs()))) return undefined;
      const canSend = await again.flush(); // first, so that the list has what it sends
      const state = await fromBroker(stock.state());
      const isAfterLoss = isAfterLossBy(state);
      const startMs = timers.monotonicMs();
      if (canSend && (isAfterLoss || startMs >= compareAtMs)) {
        await compare(state, isAfterLoss);
        const tookMs = timers.monotonicMs() - startMs;
        compareAtMs = startMs + Math.min(compareEveryMs, Math.max(everyMs, REST * tookMs));
        await streams.each(strays.all(), ({ jobId }) => byStream(jobId));
      }
      metrics.putOff('lost', rows.size() + streams.size());
      return undefined;
    },
  };
};
