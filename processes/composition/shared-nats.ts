import type { BrokerAccess } from '../../infra/nats/access';
import { needsStream, type BrokerNeeds } from '../../infra/nats/broker-needs';
import { brokerChecks } from '../../infra/nats/checks';
import { connectBroker, type Broker, type BrokerOptions } from '../../infra/nats/connection';
import { jobDueMessages, type JobDueMessages } from '../../infra/nats/due-messages';
import { dueStock, type DueStock } from '../../infra/nats/due-stock';
import { saidBy } from '../../infra/nats/failures';
import type { BrokerNames } from '../../infra/nats/names';
import { natsRequests, type NatsRequests } from '../../infra/nats/requests';
import { StreamOfOtherSystem } from '../../infra/nats/stream-owner';
import { dueStreamOwner, ensureDueStream, type DueStreamSettings } from '../../infra/nats/topology';
import { ServerUnfit, withoutSecrets } from '../../infra/server-check';
import { processNames, type Config } from '../config';
import { passChecks } from '../starting/pass-checks';
import type { Logger } from '../runtime/logger';
import type { Resources } from '../runtime/resources';
import { retrying } from '../runtime/backoff';

type BrokerConfig = Config & { readonly NATS_URL: string };

/** The broker as the processes of one program use it. */
export type Nats = {
  readonly broker: Broker;
  readonly requests: NatsRequests;
  readonly messages: JobDueMessages;
  readonly stock: DueStock;
  readonly ensureStream: () => Promise<string>;
};

const brokerAccessOf = (config: BrokerConfig): BrokerAccess => ({
  url: config.NATS_URL,
  caFile: config.NATS_CA_FILE,
  certFile: config.NATS_CERT_FILE,
  keyFile: config.NATS_KEY_FILE,
  credsFile: config.NATS_CREDS_FILE,
});

const dueStreamSettingsOf = (config: Config): DueStreamSettings => ({
  maxBytes: config.JOBS_DUE_MAX_BYTES,
  replicas: config.JOBS_DUE_REPLICAS,
});

/** How long the first connection is tried: a broker that is starting beside us takes a moment. */
const firstConnectMs = 20_000;

export type NatsIdentity = {
  /** Undefined for a program that cannot know it: an executor has the broker alone. */
  readonly systemId: string | undefined;
  /** Told when the broker has come back as another system's. */
  readonly onUnfit: (error: ServerUnfit) => void;
} & Required<Pick<BrokerOptions, 'onTrouble' | 'onCalm'>>;

const unfit = (url: string, { stream }: BrokerNames, error: StreamOfOtherSystem): ServerUnfit =>
  new ServerUnfit(
    {
      setting: 'NATS_URL',
      url,
      tried: `to take the stream of due jobs for the system ${error.systemId}`,
      found: `that of the system ${error.owner}`,
      remedy: `Name the broker of this system, or one of its own, or give a new system a SYSTEM_PREFIX to share this one (docs/operations.md); where that other system is gone, delete the stream (nats stream rm ${stream}): it is made again and filled from the log.`,
    },
    { cause: error },
  );

const connectFirst = async (
  config: BrokerConfig,
  logger: Logger,
  told: Pick<BrokerOptions, 'onTrouble' | 'onCalm'>,
): Promise<Broker> => {
  const access = brokerAccessOf(config);
  const server = withoutSecrets(access.url);
  try {
    return await retrying(
      () =>
        connectBroker({
          ...access,
          name: 'punctual',
          onStatus: (status) => {
            logger.info(status, 'broker connection');
          },
          ...told,
        }),
      {
        signal: AbortSignal.timeout(firstConnectMs),
        draw: Math.random,
        isTransient: (error) => !(error instanceof ServerUnfit),
        onFailure: (error, tries) => {
          if (tries === 1) logger.warn({ err: error, server }, 'waiting for the broker');
        },
      },
    );
  } catch (cause) {
    if (cause instanceof ServerUnfit) throw cause;
    throw new ServerUnfit(
      {
        setting: 'NATS_URL',
        url: access.url,
        tried: `to connect for ${firstConnectMs / 1_000} s`,
        found: saidBy(cause),
        remedy: 'Start the broker, or correct host and port in NATS_URL.',
      },
      { cause },
    );
  }
};

/** What the processes of this program do with the broker. */
const needsOf = ({ processes = processNames, EXECUTOR_QUEUE }: Config): BrokerNeeds => ({
  sends: processes.includes('dispatcher'),
  tends: processes.includes('rescuer'),
  serves: processes.includes('executor-gateway'),
  takes: processes.includes('executor') ? EXECUTOR_QUEUE : undefined,
});

/**
 * Connects, sees whether the broker is as these processes need it, and looks after the stream whenever it comes back.
 *
 * @throws ServerUnfit that says what is missing and what to do
 */
export const openNats = async (
  config: BrokerConfig,
  names: BrokerNames,
  own: Resources['own'],
  logger: Logger,
  { systemId, onUnfit, ...told }: NatsIdentity,
): Promise<Nats> => {
  const broker = own(await connectFirst(config, logger, told), ({ close }) => close());
  const { connection } = broker;
  const settings = { ...dueStreamSettingsOf(config), systemId };
  const needs = needsOf(config);
  const asUnfit = (error: unknown): unknown =>
    error instanceof StreamOfOtherSystem ? unfit(config.NATS_URL, names, error) : error;
  const checks = brokerChecks({ connection, names, stream: settings, needs });
  await passChecks(
    checks.map((check) => ({
      ...check,
      look: () =>
        check.look().catch((error: unknown) => {
          throw asUnfit(error);
        }),
    })),
    { url: config.NATS_URL, withinMs: firstConnectMs, logger, saidBy },
  );
  /** For a gateway, which has nothing to do with the stream: two systems' gateways would share the executors. */
  const refuseOther = async (): Promise<void> => {
    if (systemId === undefined) return;
    const owner = await dueStreamOwner(connection, names).catch((error: unknown) => {
      logger.info({ err: error }, 'the broker does not tell which system it is of; going on');
      return undefined;
    });
    if (owner !== undefined && owner !== systemId)
      throw asUnfit(new StreamOfOtherSystem(names.stream, owner, systemId));
  };
  if (!needsStream(needs)) await refuseOther();
  const ensureStream = async (): Promise<string> => {
    try {
      return await ensureDueStream(connection, names, settings);
    } catch (error) {
      throw asUnfit(error);
    }
  };
  broker.onReconnect(() => {
    (needsStream(needs) ? ensureStream() : refuseOther()).catch((error: unknown) => {
      if (error instanceof ServerUnfit) onUnfit(error);
      logger.warn(
        { err: error },
        'the stream of due jobs could not be made; a publish will try again',
      );
    });
  });
  return {
    broker,
    requests: natsRequests(connection),
    messages: jobDueMessages(connection, names, settings),
    stock: dueStock(connection, names, settings),
    ensureStream,
  };
};
