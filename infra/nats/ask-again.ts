import type { NatsConnection } from 'nats';
import { unlessRenewed } from './reconnects';

/** How long after a question it is asked once more. */
const AGAIN_EVERY_MS = 250;

/**
 * The answer to a question that changes nothing, asked again beside those that are out until one is answered or the
 * time of the first is over. In a cluster a stream or consumer that has lost its leader answers nobody, and what was
 * asked then is never answered: who waited for that would hear of the new leader seconds after it is there.
 *
 * @param ask  one question with a time limit of its own
 */
export const askAgain = <T>(connection: NatsConnection, ask: () => Promise<T>): Promise<T> =>
  new Promise<T>((resolve, reject) => {
    const once = (): void => {
      unlessRenewed(connection, ask())
        .finally(() => clearInterval(again))
        .then(resolve, reject);
    };
    const again = setInterval(once, AGAIN_EVERY_MS);
    once();
  });
