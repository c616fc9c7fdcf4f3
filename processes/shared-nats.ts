import { connectBroker, type Broker } from '../infra/nats/connection';
import { jobDueMessages, type JobDueMessages } from '../infra/nats/due-messages';
import { natsRequests, type NatsRequests } from '../infra/nats/requests';
import { StreamOfOtherSystem } from '../infra/nats/stream-owner';
import { ensureDueStream } from '../infra/nats/topology';
import { ServerUnfit } from '../infra/server-check';
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

export type NatsIdentity = {
  readonly systemId: string;
  /** Told when the broker has come back as another system's. */
  readonly onUnfit: (error: ServerUnfit) => void;
};

const unfit = (url: string, error: StreamOfOtherSystem, systemId: string): ServerUnfit =>
  new ServerUnfit(
    {
      setting: 'NATS_URL',
      url,
      tried: `to take the stream of due jobs for the system ${systemId}`,
      found: `that of the system ${error.owner}`,
      remedy:
        'Name the broker of this system, or one of its own; where that other system is gone, delete the stream (nats stream rm JOBS_DUE): it is made anew and filled from the log.',
    },
    { cause: error },
  );

/**
 * Connects, makes the stream, and makes it again whenever the broker comes back.
 *
 * @throws ServerUnfit when the broker carries the messages of another system
 */
export const openNats = async (
  { NATS_URL, JOBS_DUE_MAX_BYTES }: Config & { readonly NATS_URL: string },
  own: Resources['own'],
  log: Log,
  { systemId, onUnfit }: NatsIdentity,
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
  const settings = { maxBytes: JOBS_DUE_MAX_BYTES, systemId };
  const ensureStream = async (): Promise<string> => {
    try {
      return await ensureDueStream(connection, settings);
    } catch (error) {
      throw error instanceof StreamOfOtherSystem ? unfit(NATS_URL, error, systemId) : error;
    }
  };
  broker.onReconnect(() => {
    ensureStream().catch((error: unknown) => {
      if (error instanceof ServerUnfit) onUnfit(error);
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
