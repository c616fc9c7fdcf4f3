import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'nats';
import { connectOptions } from '../infra/nats/access';
import type { Instant } from '../domain/time';
import { httpClient } from './http-client';
import { jobBody, ownerOf, someDay } from './jobs';
import type { Rig } from './rig';
import { keyOf } from './stack';
import { brokerNames } from './names';

/** Things that a user or an executor can see, each done by a chain of programs. */
export type Sign =
  /** A JobDue of a job that was due after the start of the watch. */
  | 'dispatch'
  /** A commit of the read model. */
  | 'projection'
  /** A job that was due after the start of the watch was claimed and ran. */
  | 'run'
  /** A list of jobs, asked for after the start of the watch. */
  | 'httpRead'
  /** A job, scheduled by a request sent after the start of the watch. */
  | 'httpWrite';

export type SignsOfLife = {
  /**
   * Starts a watch.
   *
   * @returns waits until all of the signs have been seen; milliseconds from the start of the watch to each,
   *          `withinMs` for one that did not come
   */
  readonly watch: (signs: readonly Sign[]) => (withinMs: number) => Promise<Record<string, number>>;
  /** A line on the stack's stdout, where `print:` jobs tell that they ran. */
  readonly line: (text: string) => void;
  readonly stop: () => Promise<void>;
};

const PROBE_EVERY_MS = 25;
const PROBE_TIMEOUT_MS = 2_000;
/** What was under way in a killed program may still show for so long. */
const AFTERGLOW_MS = 30;

type Watch = {
  readonly startedAt: Instant;
  readonly startedMs: number;
  readonly signs: readonly Sign[];
  readonly seenAfterMs: Map<Sign, number>;
};

/** @param dueAts  of the jobs that are due meanwhile, by id */
export const signsOfLife = async (
  { urls, projected }: Rig,
  dueAts: ReadonlyMap<string, Instant>,
): Promise<SignsOfLife> => {
  let current: Watch | undefined;

  const saw = (sign: Sign, watch = current): void => {
    if (!watch?.signs.includes(sign) || watch.seenAfterMs.has(sign)) return;
    watch.seenAfterMs.set(sign, Math.round(performance.now() - watch.startedMs));
  };
  const sawJob = (sign: Sign, jobId: string): void => {
    const dueAt = dueAts.get(jobId);
    if (current && dueAt !== undefined && dueAt > current.startedAt + AFTERGLOW_MS) saw(sign);
  };

  const broker = await connect({
    ...connectOptions({ url: urls.natsUrl }),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 20,
    reconnectJitter: 0,
  });
  broker.subscribe(brokerNames.allDue, {
    callback: (error, { subject }) => {
      if (!error) sawJob('dispatch', subject.slice(subject.lastIndexOf('.') + 1));
    },
  });
  const stopNotices = projected.onNotice(() => {
    if (current && performance.now() - current.startedMs > AFTERGLOW_MS) saw('projection');
  });

  const http = httpClient(urls.httpUrl, 200, PROBE_TIMEOUT_MS);
  const key = keyOf(ownerOf(0));
  const probe = async (sign: Sign, watch: Watch): Promise<void> => {
    const { status } = await (sign === 'httpRead'
      ? http.send('GET', '/v1/jobs?limit=1', key)
      : http.send('POST', '/v1/jobs', key, jobBody(someDay(0))));
    if (status < 300) saw(sign, watch);
  };
  /** A new request every few milliseconds, for an earlier one may hang. */
  const probeUntilSeen = async (watch: Watch, giveUpMs: number): Promise<void> => {
    const probed = watch.signs.filter((sign) => sign.startsWith('http'));
    for (;;) {
      const missing = probed.filter((sign) => !watch.seenAfterMs.has(sign));
      if (missing.length === 0 || performance.now() > giveUpMs) return;
      for (const sign of missing) probe(sign, watch).catch(() => undefined); // the next one may get through
      await sleep(PROBE_EVERY_MS);
    }
  };

  return {
    watch: (signs) => {
      const watch: Watch = {
        startedAt: Date.now(),
        startedMs: performance.now(),
        signs,
        seenAfterMs: new Map(),
      };
      current = watch;
      return async (withinMs) => {
        const giveUpMs = watch.startedMs + withinMs;
        const probing = probeUntilSeen(watch, giveUpMs);
        while (watch.seenAfterMs.size < signs.length && performance.now() < giveUpMs)
          await sleep(5);
        await probing;
        current = undefined;
        return Object.fromEntries(
          signs.map((sign) => [`${sign}Ms`, watch.seenAfterMs.get(sign) ?? withinMs]),
        );
      };
    },
    line: (text) => {
      sawJob('run', text.slice(text.indexOf(' ') + 1));
    },
    stop: async () => {
      stopNotices();
      http.close();
      await broker.close();
    },
  };
};
