import { systemOf } from '../../commands/found-system';
import { eventStoreChecks } from '../../infra/eventstore/checks';
import { closeEventStore, openEventStore } from '../../infra/eventstore/client';
import { eventStoreEventAt } from '../../infra/eventstore/event-at';
import { eventStoreLog } from '../../infra/eventstore/event-log';
import { eventStoreTime } from '../../infra/eventstore/server-time';
import type { BrokerAccess } from '../../infra/nats/access';
import { brokerChecks } from '../../infra/nats/checks';
import { connectBroker } from '../../infra/nats/connection';
import { saidBy } from '../../infra/nats/failures';
import { dueStreamOwner, type DueStreamSettings } from '../../infra/nats/topology';
import { postgresChecks } from '../../infra/postgres/checks';
import { openDatabase } from '../../infra/postgres/database';
import { unfit } from '../../infra/postgres/refusals';
import { brokerTime } from '../../infra/nats/server-time';
import { postgresTime } from '../../infra/postgres/server-time';
import { ServerUnfit, type ServerCheck } from '../../infra/server-check';
import type { SystemNames } from '../../infra/system-names';
import { migrations } from '../../projections/migrations/migrations';
import { originStore } from '../../projections/audit/read-model-origin';
import { clockCheck } from './clock';
import { lookAt, type Explain, type Finding } from './look';
import { sameBrokerCheck, sameLogCheck, type KnownLog } from './same-system';

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

/** Keeps what is opened, to be closed at the end. */
type Own = <T>(opened: T, close: (opened: T) => Promise<unknown>) => T;

/** Everything that the processes of a system need of its three servers, tried as they try it at their start. */
export async function* examine(patient: Patient): AsyncGenerator<Finding> {
  const closers: (() => Promise<unknown>)[] = [];
  const own: Own = (opened, close) => {
    closers.push(() => close(opened));
    return opened;
  };
  try {
    const known = yield* examineLog(patient, own);
    yield* examinePostgres(patient, known, own);
    yield* examineBroker(patient, known, own);
  } finally {
    await Promise.all(closers.map((close) => close()));
  }
}

/** @returns undefined for a log that did not answer: nothing can be held against it */
async function* examineLog(
  { eventstoreUrl: url, names: { streams } }: Patient,
  own: Own,
): AsyncGenerator<Finding, KnownLog | undefined> {
  let client: ReturnType<typeof openEventStore>;
  try {
    client = own(openEventStore(url), closeEventStore);
  } catch (error) {
    if (!(error instanceof ServerUnfit)) throw error;
    const { setting, found, remedy } = error;
    yield { setting, name: 'a connection string', outcome: 'missing', found, remedy };
    return undefined;
  }
  const log = eventStoreLog(client, streams);
  let known: KnownLog | undefined;
  const whichSystem: ServerCheck = {
    setting: 'EVENTSTORE_URL',
    name: 'which system it is',
    look: async () => {
      const systemId = await systemOf(log);
      known = { log, eventAt: eventStoreEventAt(client), systemId };
      return { outcome: 'ok', detail: systemId ?? 'none yet: the first start names it' };
    },
  };
  const clock = clockCheck('EVENTSTORE_URL', eventStoreTime(client, streams));
  yield* lookAt(
    [...eventStoreChecks(client, streams, { follows: true }), whichSystem, clock],
    ofTheLog,
  );
  return known;
}

async function* examinePostgres(
  { postgresUrl: url, connections, migrates }: Patient,
  known: KnownLog | undefined,
  own: Own,
): AsyncGenerator<Finding> {
  const db = own(openDatabase({ url, applicationName: 'punctual-doctor', poolSize: 1 }), (one) =>
    one.destroy(),
  );
  yield* lookAt(
    [
      ...postgresChecks({ url, migrations, migrates, connections }),
      clockCheck('POSTGRES_URL', postgresTime(db)),
      ...(known ? [sameLogCheck(known, originStore(db))] : []),
    ],
    (error) => unfit(url, 'it', error),
  );
}

async function* examineBroker(
  { broker: access, names: { broker: names }, stream, queue }: Patient,
  known: KnownLog | undefined,
  own: Own,
): AsyncGenerator<Finding> {
  let connection: Awaited<ReturnType<typeof connectBroker>>['connection'] | undefined;
  yield* lookAt(
    [
      {
        setting: 'NATS_URL',
        name: 'a connection',
        look: async () => {
          const opened = await connectBroker({ ...access, name: 'punctual-doctor' });
          ({ connection } = own(opened, ({ close }) => close()));
          return { outcome: 'ok' };
        },
      },
    ],
    ofTheBroker,
  );
  if (!connection) return;
  // one without JetStream is told by the checks, in better words
  const owner = await dueStreamOwner(connection, names).catch(() => undefined);
  const checks = brokerChecks({
    connection,
    names,
    // of a log that did not answer nothing is known: the stream stays whose it is
    stream: { ...stream, systemId: known ? known.systemId : owner },
    needs: { sends: true, tends: true, serves: true, takes: queue },
  });
  const clock = clockCheck('NATS_URL', brokerTime(connection, names));
  // the checks make the stream fit, which nobody else's must be
  const isOurs = !known || owner === undefined || owner === known.systemId;
  const whose = known ? [sameBrokerCheck(known, owner)] : [];
  yield* lookAt(isOurs ? [...whose, ...checks, clock] : whose, ofTheBroker);
}
