import { connectBroker, type Broker } from '../infra/nats/connection';
import { jobDueMessages, type JobDueMessages } from '../infra/nats/due-messages';
import { natsRequests, type NatsRequests } from '../infra/nats/requests';
import { ensureDueStream } from '../infra/nats/topology';
import type { Config } from './config';
import type { Log } from './log';
import type { Resources } from './resources';
import { retrying } from './backoff';

/** The broker as the processes of one program use it. */
export type Nats = {
  readonly broker: Broker;
  readonly requests: NatsRequests;
  readonly messages: JobDueMessages;
  readonly ensureStream: () => Promise<string>;
};

/** How long the first connection is tried: a broker that is starting beside us takes a moment. */
const firstConnectMs = 20_000;

/** Connects, makes the stream, and makes it again whenever the broker comes back. */
export const openNats = async (
  { NATS_URL, JOBS_DUE_MAX_BYTES }: Config & { readonly NATS_URL: string },
  own: Resources['own'],
  log: Log,
): Promise<Nats> => {
  const broker = own(
    await retrying(
      () =>
        connectBroker({
          url: NATS_URL,
          name: 'punctual',
          onStatus: (status) => {
            log.info(status, 'broker connection');
          },
        }),
      { signal: AbortSignal.timeout(firstConnectMs), draw: Math.random },
    ),
    ({ close }) => close(),
  );
  const { connection } = broker;
  const settings = { maxBytes: JOBS_DUE_MAX_BYTES };
  const ensureStream = (): Promise<string> => ensureDueStream(connection, settings);
  broker.onReconnect(() => {
    ensureStream().catch((error: unknown) => {
      log.warn(
        { err: error },
        'the stream of due jobs could not be made; a publish will try again',
      );
    });
  });
  await ensureStream();
  return {
    broker,
    requests: natsRequests(connection),
    messages: jobDueMessages(connection, settings),
    ensureStream,
  };
};
