import type { Broker } from './connection';
import type { BrokerNames } from './names';
import { unlessRenewed } from './reconnects';
import { isSilence, JETSTREAM_SILENT } from './silence';

export type JetStreamWatchOptions = {
  readonly broker: Pick<Broker, 'connection' | 'isConnected'>;
  readonly names: BrokerNames;
  /** Told with each look that finds it. */
  readonly onSilence: (error: Error) => void;
  /** Told once, when it is over. */
  readonly onAnswer: () => void;
  /** Between two looks, and how long one waits; by default 2 s. */
  readonly everyMs?: number;
};

const EVERY_MS = 2_000;
const UNAVAILABLE = 503;

class JetStreamOff extends Error {
  override readonly name = 'JetStreamOff';
}

/** What is answered where it was turned off while its server runs. @throws JetStreamOff */
const throwIfOff = (answer: Uint8Array): void => {
  const { error } = JSON.parse(Buffer.from(answer).toString('utf8')) as {
    readonly error?: { readonly code: number; readonly description: string };
  }; // the broker's own answer
  if (error?.code === UNAVAILABLE) throw new JetStreamOff(error.description);
};

/**
 * Looks again and again whether JetStream answers: a connection and its pings are well while it does not. A broker that
 * cannot be reached at all is left to those who follow the connection.
 *
 * @returns how to end it
 */
export const watchJetStream = (options: JetStreamWatchOptions): (() => void) => {
  const { broker, names, onSilence, onAnswer, everyMs = EVERY_MS } = options;
  const { connection, isConnected } = broker;
  const question = `$JS.API.STREAM.INFO.${names.stream}`;
  let isOver = false;
  let isSilent = false;
  let timer: NodeJS.Timeout | undefined;

  const look = async (): Promise<void> => {
    try {
      const asked = connection.request(question, '', { timeout: everyMs });
      throwIfOff((await unlessRenewed(connection, asked)).data);
    } catch (cause) {
      // a right that is missing, or a connection that was lost, says nothing of JetStream
      const isItself = isSilence(cause) || cause instanceof JetStreamOff;
      if (isOver || !isConnected() || !isItself) return;
      isSilent = true;
      onSilence(new Error(JETSTREAM_SILENT, { cause }));
      return;
    }
    if (isSilent) onAnswer();
    isSilent = false;
  };
  const next = (): void => {
    timer = setTimeout(() => {
      void (isConnected() ? look() : Promise.resolve()).finally(() => {
        if (!isOver) next();
      });
    }, everyMs);
  };
  next();
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
};
