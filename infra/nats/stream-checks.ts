import { headers, StorageType, type NatsConnection, type StreamInfo } from 'nats';
import type { ServerCheck, Verdict } from '../server-check';
import { apiCodeOf } from './api-errors';
import { needsStream, type BrokerCheckDeps } from './broker-needs';
import { wantedOf } from './due-stream';
import { saidBy } from './failures';
import { consumerName, type BrokerNames } from './names';
import { dueStreamInfo } from './topology';
import { check, missing, ok, reduced } from './verdicts';

const TIMEOUT_MS = 3_000;
/** A queue and a job that nobody has: the message is refused by its own wish, and stored nowhere. */
const probeOf = ({ dueSubject }: BrokerNames): string =>
  dueSubject('punctual-probe', 'punctual-probe');
/** JetStream's code for a stream whose subjects another one has. */
const SUBJECTS_TAKEN = 10_065;

const decoder = new TextDecoder();

const mib = (bytes: number): string => `${Math.round(bytes / 1_024 ** 2)} MiB`;

const differencesOf = (
  { config }: StreamInfo,
  { connection, names, stream: settings }: BrokerCheckDeps,
): readonly string[] => {
  const wanted = wantedOf(connection, names, settings);
  const copies = settings.replicas ?? wanted.num_replicas;
  return [
    ...(config.num_replicas < copies
      ? [`${config.num_replicas} of ${copies} copies (JOBS_DUE_REPLICAS)`]
      : []),
    ...(config.max_bytes > 0 && config.max_bytes < wanted.max_bytes
      ? [`${mib(config.max_bytes)} of ${mib(wanted.max_bytes)} (JOBS_DUE_MAX_BYTES)`]
      : []),
    ...(config.storage === StorageType.File ? [] : ['storage in memory']),
    ...(config.max_age > 0 ? ['a max_age, after which waiting messages are sent again'] : []),
    ...(config.max_msgs > 0 ? [`room for ${config.max_msgs} messages (max_msgs)`] : []),
    ...(config.max_msg_size > 0 ? [`max_msg_size ${config.max_msg_size}`] : []),
    ...(config.deny_delete ? ['deny_delete, so that messages of cancelled jobs stay'] : []),
  ];
};

const streamVerdict = async (deps: BrokerCheckDeps): Promise<Verdict> => {
  const { connection, names, stream } = deps;
  try {
    const differences = differencesOf(await dueStreamInfo(connection, names, stream), deps);
    return differences.length === 0
      ? ok
      : reduced(
          differences.join(', '),
          `Have an administrator change ${names.stream}, or what limits it.`,
        );
  } catch (error) {
    if (apiCodeOf(error) !== SUBJECTS_TAKEN) throw error;
    return missing(
      saidBy(error),
      `Take ${names.dueSubjects} out of the subjects of the other stream, or use another account.`,
    );
  }
};

/** A server that is alone and says that it has no JetStream will not get it by waiting. */
const refuseWithout = ({ info }: NatsConnection): Verdict =>
  info?.cluster === undefined && !(info as { jetstream?: boolean } | undefined)?.jetstream
    ? missing(
        'a server without JetStream',
        'Enable it (jetstream { … } in its configuration, or -js).',
      )
    : ok;

const publishVerdict = async (connection: NatsConnection, names: BrokerNames): Promise<Verdict> => {
  const wish = headers();
  wish.set('Nats-Expected-Stream', 'none-of-that-name');
  const { data } = await connection.request(probeOf(names), '', {
    headers: wish,
    timeout: TIMEOUT_MS,
  });
  const { stream } = JSON.parse(decoder.decode(data)) as { readonly stream?: string }; // the broker's own answer
  return stream === undefined || stream === names.stream
    ? ok
    : missing(
        `the stream ${stream}, which takes the messages of due jobs`,
        `Take ${names.dueSubjects} out of the subjects of ${stream}.`,
      );
};

/** Of a queue that nobody has: the answer is that there is no such consumer. */
const lookVerdict = async (
  connection: NatsConnection,
  { stream }: BrokerNames,
): Promise<Verdict> => {
  await connection.request(
    `$JS.API.CONSUMER.INFO.${stream}.${consumerName('punctual-probe')}`,
    '',
    {
      timeout: TIMEOUT_MS,
    },
  );
  return ok;
};

const tendVerdict = async (connection: NatsConnection, names: BrokerNames): Promise<Verdict> => {
  const ask = (call: string, request: object) =>
    connection.request(`$JS.API.STREAM.${call}.${names.stream}`, JSON.stringify(request), {
      timeout: TIMEOUT_MS,
    });
  await ask('MSG.GET', { last_by_subj: probeOf(names) });
  await ask('MSG.DELETE', { seq: 0, no_erase: true });
  return ok;
};

export const streamChecks = (deps: BrokerCheckDeps): readonly ServerCheck[] => {
  const { connection, names, needs } = deps;
  const { sends, tends } = needs;
  if (!needsStream(needs)) return [];
  return [
    check('JetStream', () => Promise.resolve(refuseWithout(connection))),
    check(`the stream ${names.stream}`, () => streamVerdict(deps)),
    ...(sends || tends
      ? [check('the right to send due jobs', () => publishVerdict(connection, names))]
      : []),
    ...(sends
      ? [check('the right to look at the queues', () => lookVerdict(connection, names))]
      : []),
    ...(tends
      ? [
          check('the right to look for messages and to remove them', () =>
            tendVerdict(connection, names),
          ),
        ]
      : []),
  ];
};
