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
import { ServerUnfit } from '../../infra/server-check';
import type { Config } from '../settings/config';
import { processNames } from '../settings/process-names';
import { answerOf, passChecks, type AwaitedChecks } from '../starting/server-checks';
import type { Logger } from '../runtime/logger';
import type { Resources } from '../runtime/resources';

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

/** How long the broker may be away at the start: one that is starting beside us takes a moment. */
const ANSWERS_WITHIN_MS = 20_000;

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

/** @param remedy  what to do about a broker that does not answer */
const awaitedBroker =
  ({ NATS_URL: url }: BrokerConfig, logger: Logger) =>
  (remedy: string): AwaitedChecks => ({
    url,
    logger,
    withinMs: ANSWERS_WITHIN_MS,
    mayPass: (error) => !(error instanceof ServerUnfit),
    unfit: (name, error) => {
      if (error instanceof ServerUnfit) return error;
      const tried = `${name} for ${ANSWERS_WITHIN_MS / 1_000} s`;
      const found = saidBy(error);
      return new ServerUnfit({ setting: 'NATS_URL', url, tried, found, remedy }, { cause: error });
    },
  });

const connectFirst = (
  config: BrokerConfig,
  awaited: AwaitedChecks,
  told: Pick<BrokerOptions, 'onTrouble' | 'onCalm'>,
): Promise<Broker> =>
  answerOf(
    { setting: 'NATS_URL', name: 'to connect' },
    () =>
      connectBroker({
        ...brokerAccessOf(config),
        name: 'punctual',
        onStatus: (status) => {
          awaited.logger.info(status, 'broker connection');
        },
        ...told,
      }),
    awaited,
    AbortSignal.timeout(awaited.withinMs),
  );

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
  const awaited = awaitedBroker(config, logger);
  const start = awaited('Start the broker, or correct host and port in NATS_URL.');
  const broker = own(await connectFirst(config, start, told), ({ close }) => close());
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
    awaited('See whether the server works.'),
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
