import type { StatusChange } from '../job/status-change';
import type { Instant, Timestamp } from '../time';
import { eventTypeOf } from './event-types';

/** `failed`: given up. */
export const deliveryStatuses = ['waiting', 'delivered', 'failed'] as const;
export type DeliveryStatus = (typeof deliveryStatuses)[number];

/** How long a delivery is tried, and how long a webhook may go without a success. */
export const RETRIED_FOR_MS = 24 * 3_600_000;

/** A change of a job's status, as webhooks are told of it. */
export type ToldChange = StatusChange & {
  readonly queue: string;
  readonly tags: readonly string[];
};

/** What is posted: type, time and data as Standard Webhooks has them. */
export const deliveryBody = ({ at, position, ...job }: ToldChange): string =>
  JSON.stringify({
    type: eventTypeOf(job.status),
    timestamp: at,
    data: { ...job, position: String(position) },
  });

/** What is posted when somebody wants to see whether it works. */
export const testBody = (webhookId: string, timestamp: Timestamp): string =>
  JSON.stringify({ type: 'webhook.test', timestamp, data: { webhookId } });

const FIRST_DELAY_MS = 5_000;
const LONGEST_DELAY_MS = 3_600_000;

/**
 * When a delivery is tried again whose attempt `attempts` failed: three times as long each time, an hour at most, and
 * a half of it by chance; undefined when it is given up.
 *
 * @param attempts  that were made, from 1
 * @param draw      from [0, 1)
 */
export const retryAt = (
  attempts: number,
  now: Instant,
  giveUpAt: Instant,
  draw: number,
): Instant | undefined => {
  if (now >= giveUpAt) return undefined;
  const delayMs = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 3 ** (attempts - 1));
  // the last attempt is at the end of the time, not an hour before
  return Math.min(giveUpAt, now + Math.round(delayMs * (0.5 + draw / 2)));
};

/** Failures in a row, of whatever deliveries, from which on a webhook is left in peace for a while. */
const FAILURES_TAKEN = 3;
const FIRST_REST_MS = 2_000;
const LONGEST_REST_MS = 300_000;

/** How long nothing is sent to a target that failed so many times in a row: a dead one costs nobody else anything. */
export const restMs = (failures: number): number =>
  failures < FAILURES_TAKEN
    ? 0
    : Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** (failures - FAILURES_TAKEN));
