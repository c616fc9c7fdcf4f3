import { systemOf } from '../../commands/found-system';
import { eventStoreChecks } from '../../infra/eventstore/checks';
import { closeEventStore, openEventStore } from '../../infra/eventstore/client';
import { eventStoreLog } from '../../infra/eventstore/event-log';
import type { BrokerAccess } from '../../infra/nats/access';
import { brokerChecks } from '../../infra/nats/checks';
import { connectBroker } from '../../infra/nats/connection';
import { saidBy } from '../../infra/nats/failures';
import { dueStreamOwner, type DueStreamSettings } from '../../infra/nats/topology';
import { postgresChecks } from '../../infra/postgres/checks';
import { openDatabase } from '../../infra/postgres/database';
import { unfit } from '../../infra/postgres/refusals';
import {
  ServerUnfit,
  type ServerCheck,
  type ServerSetting,
  type Verdict,
} from '../../infra/server-check';
import type { SystemNames } from '../../infra/system-names';
import { migrations } from '../../projections/migrations/migrations';
import { originStore } from '../../projections/audit/read-model-origin';
import { lookAt, type Explain, type Finding } from './look';

export type Patient = {
  readonly eventstoreUrl: string;
  readonly postgresUrl: string;
  readonly broker: BrokerAccess;
  readonly names: SystemNames;
  readonly stream: DueStreamSettings;
  /** The queue that an executor here would serve. */
  readonly queue: string;
  /** Connections that one program opens. */
  readonly connections: number;
  /** Whether the programs bring the schema up to date themselves. */
  readonly migrates: boolean;
};

const messageOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : '';
  return `${error.message}${cause}`;
};

const ofTheLog: Explain = (error) => ({
  found: messageOf(error),
  remedy: 'Start the event store, or correct host, port and tls in EVENTSTORE_URL.',
});

const ofTheBroker: Explain = (error) => ({
  found: saidBy(error),
  remedy: 'Start the broker, or correct host and port in NATS_URL.',
});

/** Whose a server is, beside the log's own system. */
const sameSystem = (
  setting: ServerSetting,
  known: string | undefined,
  owner: () => Promise<string | undefined>,
): ServerCheck => ({
  setting,
  name: 'the system of the event log',
  look: async (): Promise<Verdict> => {
    const found = await owner();
    if (found === undefined) return { outcome: 'ok', detail: 'belongs to nobody yet' };
    if (known === found) return { outcome: 'ok', detail: `system ${found}` };
    return {
      outcome: 'missing',
      found: `that of the system ${found}, while the log is ${known === undefined ? 'nobody’s yet' : `of ${known}`}`,
      remedy:
        'Correct the URL of the one that is not meant (docs/operations.md, backup and restore).',
    };
  },
});

/** Everything that the processes of a system need of its three servers, tried as they try it at their start. */
export async function* examine(patient: Patient): AsyncGenerator<Finding> {
  const systemId = yield* examineLog(patient);

  const { postgresUrl: url, connections, migrates } = patient;
  yield* lookAt(postgresChecks({ url, migrations, migrates, connections }), (error) =>
    unfit(url, 'it', error),
  );
  const db = openDatabase({ url, applicationName: 'punctual-doctor', poolSize: 1 });
  try {
    const owner = async (): Promise<string | undefined> => (await originStore(db).look()).systemId;
    const schema = await db.schema.hasTable('system').catch(() => false);
    if (schema)
      yield* lookAt([sameSystem('POSTGRES_URL', systemId, owner)], (error) =>
        unfit(url, 'it', error),
      );
  } finally {
    await db.destroy();
  }

  yield* examineBroker(patient, systemId);
}

/** @returns the system that the log is of */
async function* examineLog({
  eventstoreUrl: url,
  names: { streams },
}: Patient): AsyncGenerator<Finding, string | undefined> {
  let client: ReturnType<typeof openEventStore>;
  try {
    client = openEventStore(url);
  } catch (error) {
    if (!(error instanceof ServerUnfit)) throw error;
    const { setting, found, remedy } = error;
    yield { setting, name: 'a connection string', outcome: 'missing', found, remedy };
    return undefined;
  }
  let systemId: string | undefined;
  const whichSystem: ServerCheck = {
    setting: 'EVENTSTORE_URL',
    name: 'which system it is',
    look: async () => {
      systemId = await systemOf(eventStoreLog(client, streams));
      return { outcome: 'ok', detail: systemId ?? 'none yet: the first start names it' };
    },
  };
  try {
    yield* lookAt([...eventStoreChecks(client, streams, { follows: true }), whichSystem], ofTheLog);
  } finally {
    await closeEventStore(client);
  }
  return systemId;
}

async function* examineBroker(
  { broker: access, names: { broker: names }, stream, queue }: Patient,
  systemId: string | undefined,
): AsyncGenerator<Finding> {
  let connection: Awaited<ReturnType<typeof connectBroker>> | undefined;
  yield* lookAt(
    [
      {
        setting: 'NATS_URL',
        name: 'a connection',
        look: async () => {
          connection = await connectBroker({ ...access, name: 'punctual-doctor' });
          return { outcome: 'ok' };
        },
      },
    ],
    ofTheBroker,
  );
  if (!connection) return;
  const { connection: nats } = connection;
  try {
    // one without JetStream is told by the checks, in better words
    const owner = await dueStreamOwner(nats, names).catch(() => undefined);
    const whose = sameSystem('NATS_URL', systemId, () => Promise.resolve(owner));
    const needs = { sends: true, tends: true, serves: true, takes: queue };
    const checks = brokerChecks({
      connection: nats,
      names,
      stream: { ...stream, systemId },
      needs,
    });
    // the checks make the stream fit, which nobody else's must be
    const isOurs = owner === undefined || owner === systemId;
    yield* lookAt(isOurs ? [whose, ...checks] : [whose], ofTheBroker);
  } finally {
    await connection.close();
  }
}
