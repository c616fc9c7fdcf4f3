import type { AttemptCommands } from '../../commands/attempt-commands';
import type { Clock } from '../../domain/time';
import type { Draw } from '../../domain/chance';
import { pause, retrying, type BackoffPolicy } from '../runtime/backoff';
import type { Logger } from '../runtime/logger';
import { isLogAway, isLogOutage } from '../runtime/log-outage';
import { jobDueText } from '../protocol/job-due';
import type { DueMessages } from '../protocol/due-messages';
import type { Vitals } from '../health/vitals';
import type { DeliveryLog } from './delivery-log';
import type { DueBuffer } from './due-buffer';
import type { DispatcherMetrics } from './metrics';
import type { WaitingJob } from './shares/waiting-job';

/** What a dispatch takes of the shares of others, until it is over. */
export type Place = {
  /** @param position  of its JobDispatched */
  readonly dispatched: (position: bigint) => void;
  readonly sent: () => void;
  /** There will be no message. */
  readonly giveBack: () => void;
  /** The broker had no room for the message, which goes when there is some. @returns false when nobody will send it */
  readonly refused: (text: string) => boolean;
};

export type DeliverDeps = {
  readonly commands: Pick<AttemptCommands, 'dispatch' | 'failDelivery'>;
  readonly messages: DueMessages;
  readonly buffer: DueBuffer;
  readonly clock: Clock;
  readonly draw: Draw;
  readonly logger: Logger;
  readonly deliveryLog: DeliveryLog;
  readonly metrics: DispatcherMetrics;
  readonly vitals: Vitals;
};

export type Stops = {
  /** No new append is tried any more. */
  readonly stopping: AbortSignal;
  /** Gives up even on messages whose dispatch is in the log: the rescuer sends them. */
  readonly hurrying: AbortSignal;
};

/** Wait before a row that the command found too early is looked at again: its clock is behind ours. */
const TOO_EARLY_PAUSE_MS = 5;

/** Sooner again than others: a stream that has no leader refuses at once, and its jobs are late already when it has one. */
const publishPolicy: BackoffPolicy = { baseMs: 50, capMs: 500 };

/** Takes one due job through log and broker, in this order; never rejects. */
export const deliver =
  (deps: DeliverDeps, { stopping, hurrying }: Stops) =>
  async (job: WaitingJob, place: Place): Promise<void> => {
    const { commands, messages, buffer, clock, draw, logger, deliveryLog, metrics, vitals } = deps;
    const latenessMs = (): number => Math.max(0, clock.now() - job.dueAt);

    const publish = async (revision: bigint, ticket: string): Promise<void> => {
      const text = jobDueText(job.messageHead, revision, ticket);
      try {
        await retrying(() => messages.publish(job.queue, job.jobId, job.messageId, text), {
          signal: hurrying,
          draw,
          policy: publishPolicy,
          isTransient: (error) =>
            messages.hopelessness(error) === undefined && !messages.isForWantOfRoom(error),
          onFailure: (error) => {
            metrics.failedTry('publish');
            vitals.failed('broker', error);
            deliveryLog.failed(job, error);
          },
        });
      } catch (error) {
        if (messages.isForWantOfRoom(error) && place.refused(text)) return;
        const reason = messages.hopelessness(error);
        if (reason === undefined) throw error;
        await commands.failDelivery(job.jobId, job.attempt, reason);
        metrics.notDispatched('undeliverable');
        place.giveBack();
        return;
      }
      vitals.worked('broker');
      metrics.published(latenessMs());
      place.sent();
    };

    const dispatch = async (): Promise<void> => {
      const answer = await retrying(() => commands.dispatch(job), {
        signal: stopping,
        draw,
        isTransient: isLogOutage,
        onFailure: (error) => {
          metrics.failedTry('append');
          if (isLogAway(error)) vitals.failed('event-store', error);
          deliveryLog.failed(job, error);
        },
      });
      vitals.worked('event-store');
      switch (answer.outcome) {
        case 'dispatched':
          metrics.appended(latenessMs());
          place.dispatched(answer.position);
          buffer.settle(job);
          await publish(answer.revision, answer.ticket);
          return;
        case 'too-early':
          place.giveBack();
          await pause(TOO_EARLY_PAUSE_MS, stopping);
          buffer.putBack(job);
          return;
        case 'stale':
          metrics.notDispatched('stale');
          place.giveBack();
          buffer.settle(job);
          return;
        case 'gone':
          logger.warn({ jobId: job.jobId }, 'the stream of a due job was deleted: it cannot run');
          place.giveBack();
          buffer.settle(job);
          return;
        case 'expired':
          metrics.notDispatched('expired');
          place.giveBack();
          buffer.settle(job);
          return;
      }
    };

    try {
      await dispatch();
      deliveryLog.over(job.jobId);
    } catch (error) {
      // settled already when only the publish failed; the rescuer sends what the log has and the broker has not
      buffer.release(job);
      place.giveBack();
      deliveryLog.gaveUp(job.jobId, error);
    }
  };
