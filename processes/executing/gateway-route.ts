import { subjectOf } from '../protocol/subjects';
import { parseMessage } from '../protocol/validate';
import type { Timers } from '../runtime/timers';
import { answerTime } from './answer-time';
import type { Ask } from './ports';

export type GatewayRouteDeps = {
  readonly ask: Ask;
  readonly timers: Timers;
  readonly timeoutMs: number;
};

/** The way of requests that may safely arrive twice. */
export type GatewayRoute = {
  /** @throws Error when no try has an answer */
  readonly ask: (subject: string, text: string) => Promise<unknown>;
  /** This gateway was heard of just now, in answer to something else. */
  readonly heardOf: (gateway: string) => void;
};

const MAX_TRIES = 5;
/** Second tries that may come one after the other, and how many of them each answer earns. */
const MAX_CREDIT = 16;
const CREDIT_PER_ANSWER = 0.1;

/** Who is asked twice has twice the work, and is late because it has much: no help when it is the only one. */
const PATIENCE_WITH_THE_ONLY_ONE_MS = 1_000;

/** Gateways that are worth a try by name: heard of in the last two beats or so. */
const KNOWN_FOR_MS = 12_000;

const gatewayOf = (answer: unknown): string | undefined => {
  if (typeof answer !== 'object' || answer === null || !('gateway' in answer)) return undefined;
  const { gateway } = answer;
  return typeof gateway === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(gateway) ? gateway : undefined;
};

/**
 * Asks the gateway that answered last, and when its answer is unusually late any other as well: the broker
 * goes on sending to one that is frozen, and whoever asks there waits in vain. The first answer counts. Second
 * tries are a tenth of all requests at most, or whoever is slow from too much work would get more of it.
 */
export const gatewayRoute = ({ ask, timers, timeoutMs }: GatewayRouteDeps): GatewayRoute => {
  const usual = answerTime();
  let preferred: string | undefined;
  let credit = MAX_CREDIT;
  /** When they were last heard of, the latest at the end. */
  const known = new Map<string, number>();

  const heardOf = (gateway: string): void => {
    known.delete(gateway);
    known.set(gateway, timers.monotonicMs());
  };
  /** One that has been heard of lately; undefined, which is any of the group, when there is none. */
  const otherThan = (asked: ReadonlySet<string | undefined>): string | undefined => {
    for (const [gateway, atMs] of known)
      if (timers.monotonicMs() - atMs > KNOWN_FOR_MS) known.delete(gateway);
    return [...known.keys()].reverse().find((gateway) => !asked.has(gateway));
  };

  const patienceMs = (asked: ReadonlySet<string | undefined>): number =>
    otherThan(asked) === undefined
      ? Math.max(PATIENCE_WITH_THE_ONLY_ONE_MS, usual.patienceMs())
      : usual.patienceMs();

  const request: GatewayRoute['ask'] = (subject, text) =>
    new Promise((resolve, reject) => {
      let tries = 0;
      let open = 0;
      const asked = new Set<string | undefined>();
      let isOver = false;
      let cancelSecondTry = (): void => undefined;

      const end = (settle: () => void): void => {
        isOver = true;
        cancelSecondTry();
        settle();
      };
      const send = (gateway: string | undefined): void => {
        tries += 1;
        asked.add(gateway);
        open += 1;
        const sentAtMs = timers.monotonicMs();
        const to = gateway === undefined ? subject : subjectOf(subject, gateway);
        ask(to, text, timeoutMs)
          .then(parseMessage)
          .then(
            (answer) => {
              const answeredBy = gatewayOf(answer);
              if (answeredBy !== undefined) heardOf(answeredBy);
              if (isOver) return;
              usual.took(timers.monotonicMs() - sentAtMs);
              credit = Math.min(MAX_CREDIT, credit + CREDIT_PER_ANSWER);
              preferred = answeredBy;
              end(() => {
                resolve(answer);
              });
            },
            (error: unknown) => {
              open -= 1;
              if (isOver) return;
              if (gateway !== undefined) {
                known.delete(gateway);
                if (preferred === gateway) preferred = undefined;
                send(undefined);
              }
              if (open === 0)
                end(() => {
                  reject(error instanceof Error ? error : new Error(String(error)));
                });
            },
          );
      };
      const planSecondTry = (afterMs: number): void => {
        cancelSecondTry = timers.after(afterMs, () => {
          // an answer that came while this program itself stood still is read first
          cancelSecondTry = timers.after(0, () => {
            if (tries >= MAX_TRIES || credit < 1) return;
            credit -= 1;
            send(otherThan(asked));
            planSecondTry(afterMs / 2);
          });
        });
      };
      send(preferred);
      planSecondTry(patienceMs(asked));
    });
  return { ask: request, heardOf };
};
