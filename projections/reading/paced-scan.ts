import type { LogScan, StoredBytes } from './log-scan';
import type { Brake } from './pace';

/** What a reader gets at once, so that its work comes in short strokes between which others have their turn. */
const STROKE_MS = 100;

/** A stroke costs some ms whatever is in it: a slow reader has fewer of them, but one a second. */
const SLOW_STROKE_EVENTS = 100;

/** Log positions of an event: a server may count bytes, and a scan may leave events of the system out. */
const positionsPerEvent = (batch: readonly StoredBytes[], before: bigint | undefined): number => {
  const first = batch[0]?.position ?? 0n;
  const last = batch.at(-1)?.position ?? 0n;
  const steps = before === undefined ? batch.length - 1 : batch.length;
  return Math.max(1, Number(last - (before ?? first)) / Math.max(1, steps));
};

const strokeOf = (perSecond: number | 'full'): number => {
  if (perSecond === 'full') return Infinity;
  const slow = Math.min(perSecond, SLOW_STROKE_EVENTS);
  return Math.max(1, Math.floor(Math.max(slow, (perSecond * STROKE_MS) / 1_000)));
};

/**
 * A scan whose batches are cut smaller and handed out late, so that no more is read than the brake allows.
 *
 * @param brake  may be that of other scans as well, which then keep the pace together
 */
export const paced = (scan: LogScan, { ready, spend }: Brake): LogScan =>
  async function* pacedScan(range, signal) {
    let before: bigint | undefined;
    for await (const batch of scan(range, signal)) {
      const positions = positionsPerEvent(batch, before);
      before = batch.at(-1)?.position ?? before;
      for (let rest: readonly StoredBytes[] = batch; rest.length > 0;) {
        const perSecond = await ready(signal, positions);
        const stroke = rest.slice(0, strokeOf(perSecond));
        rest = rest.slice(stroke.length);
        spend(stroke.length, perSecond);
        yield stroke;
      }
    }
  };
