import type { Draw } from '../../domain/chance';
import type { Timers } from '../runtime/timers';
import { decayingCount, type DecayingCount } from './decaying-count';
import { flowKey, type Flow } from './shares';

/** For how long the broker is asked to keep what finds no place here. */
export type PutOff = {
  /** One of the flow goes back; `waiting` of its kind stay. @returns the delay to ask for */
  readonly delayMs: (flow: Flow, waiting: number) => number;
  /** One of the flow has waited this long for its turn. */
  readonly waited: (flow: Flow, waitedMs: number) => void;
};

type FlowHistory = { away: DecayingCount; delayMs: number; passMs: number };

const MIN_MS = 100;
/** Other executors may fall free meanwhile, or this one. */
const MAX_MS = 5_000;
const FIRST_GUESS_MS = 500;
const REMEMBERED_FLOWS = 1_000;

/**
 * Whoever goes back should come again about when its turn is: the time that those who wait need to pass,
 * for each time that their number is away. Sooner would be one delivery more for nothing, later an idle slot.
 */
export const putOff = ({ monotonicMs }: Pick<Timers, 'monotonicMs'>, draw: Draw): PutOff => {
  const flows = new Map<string, FlowHistory>();
  const historyOf = (flow: Flow): FlowHistory => {
    const key = flowKey(flow);
    const known = flows.get(key);
    if (known) return known;
    const [oldest] = flows.keys();
    if (oldest !== undefined && flows.size >= REMEMBERED_FLOWS) flows.delete(oldest);
    const history: FlowHistory = {
      away: decayingCount(monotonicMs, () => history.delayMs),
      delayMs: FIRST_GUESS_MS,
      passMs: FIRST_GUESS_MS,
    };
    flows.set(key, history);
    return history;
  };
  return {
    delayMs: (flow, waiting) => {
      const history = historyOf(flow);
      history.away.add();
      const turnMs = history.passMs * (1 + history.away.value() / Math.max(1, waiting));
      history.delayMs = Math.min(MAX_MS, Math.max(MIN_MS, turnMs * (0.5 + draw() / 2)));
      return Math.round(history.delayMs);
    },
    waited: (flow, waitedMs) => {
      historyOf(flow).passMs = waitedMs;
    },
  };
};
