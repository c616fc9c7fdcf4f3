import { listenTo } from '../infra/postgres/listen';
import { PROJECTED_CHANNEL, type Projected } from '../projections/writing/projected';

/** How far the read model is, as the projector tells it with each commit. */
export type ProjectedPositions = {
  /** Resolves when the read model has come to the position, with the time of `performance.now`. */
  readonly reached: (position: bigint) => Promise<number>;
  /** When the last notice came, by the wall clock in milliseconds. */
  readonly lastNoticeAt: () => number;
  /** Calls back with each notice. @returns how to end it */
  readonly onNotice: (called: () => void) => () => void;
  readonly stop: () => Promise<void>;
};

type Waiter = { readonly position: bigint; readonly resolve: (atMs: number) => void };

/** Resolves once it listens. */
export const projectedPositions = async (postgresUrl: string): Promise<ProjectedPositions> => {
  let waiters: Waiter[] = [];
  let known = -1n;
  let noticedAt = 0;
  const callbacks = new Set<() => void>();
  const listener = listenTo({
    url: postgresUrl,
    channel: PROJECTED_CHANNEL,
    applicationName: 'punctual-bench',
  });

  const onMessage = (payload: string): void => {
    const atMs = performance.now();
    const { position } = JSON.parse(payload) as Projected; // the projector's own message
    known = BigInt(position);
    noticedAt = Date.now();
    const waiting: Waiter[] = [];
    for (const waiter of waiters)
      if (waiter.position <= known) waiter.resolve(atMs);
      else waiting.push(waiter);
    waiters = waiting;
    for (const called of callbacks) called();
  };
  await new Promise<void>((resolve) => {
    listener.subscribe({ onMessage, onConnect: resolve });
  });

  return {
    reached: (position) =>
      new Promise((resolve) => {
        if (position <= known) resolve(performance.now());
        else waiters.push({ position, resolve });
      }),
    lastNoticeAt: () => noticedAt,
    onNotice: (called) => {
      callbacks.add(called);
      return () => callbacks.delete(called);
    },
    stop: listener.stop,
  };
};
