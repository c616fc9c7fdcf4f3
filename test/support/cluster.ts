import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNats } from '../../embedded/nats';
import { allOf, startFaultProxy, type Faults, type FaultProxy } from './fault-proxy';
import { freePort } from './free-port';
import { startNodeChild, type NodeChild } from '../../embedded/node-child';
import { startPostgres } from '../../embedded/postgres';
import { newLogSealKey } from '../../infra/log-seal-keys';
import { logSealKeyFile } from '../../processes/composition/log-seal-key';
import { processNames, type ProcessName } from '../../processes/settings/process-names';
import type { Exit } from '../../embedded/child';
import { givenEventStoreUrl, settingsOnGiven } from './given-event-store';
import { placePostgres } from './prepared-postgres';
import { processTree } from './process-tree';
import { apiKeys } from './running-stack';

export type ServerName = 'postgres' | 'nats' | 'eventstore';
/** Several of a kind are told apart by what follows the `#`: `dispatcher#2`. */
export type WorkerName = ProcessName | `${ProcessName}#${number}`;
export type MemberName = ServerName | WorkerName;

export type Cluster = {
  /** Servers keep their files in folders of it, named like them. */
  readonly dataDir: string;
  readonly httpUrl: string;
  readonly postgresUrl: string;
  readonly eventstoreUrl: string;
  readonly natsUrl: string;
  readonly members: () => readonly MemberName[];
  /** kill -9, and waits until it is gone. Nobody starts it again. */
  readonly kill: (name: MemberName) => Promise<void>;
  /** SIGTERM, and waits until it is gone, however long that takes. */
  readonly terminate: (name: MemberName) => Promise<void>;
  /** Starts a member again, servers and API on their old ports. */
  readonly start: (name: MemberName) => Promise<void>;
  readonly pidOf: (name: MemberName) => number;
  /** Sends any signal, SIGSTOP for one. */
  readonly signal: (name: MemberName, signal: NodeJS.Signals) => void;
  /** Swallows all that passes between the broker and a worker of `behindProxy`, without closing; it may connect anew. */
  readonly silence: (name: WorkerName) => void;
  /** What lies between a server and all workers, when `proxied`. */
  readonly proxyOf: (name: ServerName) => Faults;
  /** Sends it to every process of every member, those that servers have started included. */
  readonly signalAll: (signal: NodeJS.Signals) => void;
  /** @returns the workers that did not end by themselves and well */
  readonly stop: () => Promise<readonly MemberName[]>;
};

/** For a worker that runs them all, where it does not matter who dies with whom: a program's start takes a second of a core. */
export const allProcesses: Readonly<Record<string, string>> = { PROCESSES: processNames.join(',') };

type Member = {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  readonly stop: () => Promise<unknown>;
};

/**
 * A start takes a process 1.5 s of CPU. A cluster starts up to eleven at once and the gate runs two suites
 * beside each other on two cores, or on fewer when the machine is lent to others: 30 s were not always enough.
 */
const START_WITHIN_MS = 120_000;

const dist = join(__dirname, '..', '..', 'dist');

/** Servers and processes each in an operating system process of its own, with nobody who starts them again. */
export const startCluster = async (options: {
  readonly workers: readonly WorkerName[];
  readonly env?: Readonly<Record<string, string>>;
  /** Settings of single members; `PROCESSES` for a worker that runs others, or more, than the one it is named for. */
  readonly envOf?: Readonly<Partial<Record<MemberName, Readonly<Record<string, string>>>>>;
  /** Workers whose connection to the broker can be silenced; when `proxied`, what lies between all and it comes after. */
  readonly behindProxy?: readonly WorkerName[];
  /** Whether all workers reach each server by way of a proxy of its own. */
  readonly proxied?: boolean;
  /** Ports of a broker of several servers that is there: then none of its own is a member. */
  readonly brokerPorts?: readonly number[];
  /** Whether it is on the event store that is given, if one is: then none of its own is a member. */
  readonly takesGiven?: boolean;
  /** Whether the event store drops slow subscribers, as a real one does. */
  readonly isStrict?: boolean;
}): Promise<Cluster> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'punctual-cluster-'));
  await placePostgres(join(dataDir, 'postgres'));
  await writeFile(logSealKeyFile(dataDir), newLogSealKey());
  const [postgresPort, natsPort, eventstorePort, httpPort] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const postgresUrl = `postgres://app@127.0.0.1:${postgresPort}/punctual`;
  const brokerPorts = options.brokerPorts ?? [natsPort];
  const natsUrlOn = (ports: readonly number[]): string =>
    ports.map((port) => `nats://127.0.0.1:${port}`).join(',');
  const natsUrl = natsUrlOn(brokerPorts);
  const given = options.takesGiven ? givenEventStoreUrl : undefined;
  const eventstoreUrl = given ?? `esdb://127.0.0.1:${eventstorePort}?tls=false`;
  const httpUrl = `http://127.0.0.1:${httpPort}`;
  const members = new Map<MemberName, Member>();
  const serverPorts: Readonly<Record<ServerName, readonly number[]>> = {
    postgres: [postgresPort],
    nats: brokerPorts,
    eventstore: [eventstorePort],
  };
  const proxiesTo = (ports: readonly number[]): Promise<readonly FaultProxy[]> =>
    Promise.all(ports.map(startFaultProxy));
  const proxies = new Map<WorkerName, readonly FaultProxy[]>();
  const serverProxies = new Map<ServerName, readonly FaultProxy[]>();
  if (options.proxied)
    for (const name of ['postgres', 'nats', 'eventstore'] as const)
      serverProxies.set(name, await proxiesTo(serverPorts[name]));
  const portsOf = (name: ServerName): readonly number[] =>
    serverProxies.get(name)?.map(({ port }) => port) ?? serverPorts[name];
  for (const name of options.behindProxy ?? []) proxies.set(name, await proxiesTo(portsOf('nats')));
  const natsUrlOf = (name: WorkerName): string =>
    natsUrlOn(proxies.get(name)?.map(({ port }) => port) ?? portsOf('nats'));

  const node = async (
    script: string,
    env: Readonly<Record<string, string>>,
    args: readonly string[] = [],
  ): Promise<Member> => {
    const child: NodeChild = await startNodeChild({
      script: join(dist, script),
      args,
      env: { PATH: process.env['PATH'], ...env },
      readyWithinMs: START_WITHIN_MS,
    });
    return { ...child, stop: () => child.stop(10_000) };
  };
  const servers: Readonly<Record<ServerName, () => Promise<Member>>> = {
    postgres: () =>
      startPostgres({
        dataDir: join(dataDir, 'postgres'),
        port: postgresPort,
        ...(options.envOf?.postgres && { env: options.envOf.postgres }),
      }),
    nats: () => startNats({ storeDir: join(dataDir, 'nats'), port: natsPort }),
    eventstore: () =>
      node('packages/eventstore/main.js', { ...options.envOf?.eventstore }, [
        '--postgres',
        postgresUrl,
        '--schema',
        'eventstore',
        '--port',
        String(eventstorePort),
        ...(options.isStrict ? ['--like', '23.10'] : []),
      ]),
  };
  const isServer = (name: MemberName): name is ServerName => name in servers;
  const worker = (name: WorkerName): Promise<Member> =>
    node('processes/main.js', {
      EVENTSTORE_URL: `esdb://127.0.0.1:${portsOf('eventstore').join()}?tls=false`,
      POSTGRES_URL: `postgres://app@127.0.0.1:${portsOf('postgres').join()}/punctual`,
      NATS_URL: natsUrlOf(name),
      DATA_DIR: dataDir,
      HTTP_PORT: String(httpPort),
      API_KEYS: apiKeys,
      SIGNING_SECRET: 'a secret that all members of a test share',
      LOG_LEVEL: 'error',
      PROCESSES: name.split('#')[0] ?? name,
      ...(given !== undefined && settingsOnGiven),
      ...options.env,
      ...options.envOf?.[name],
    });
  const start = async (name: MemberName): Promise<void> => {
    members.set(name, isServer(name) ? await servers[name]() : await worker(name));
  };
  const running = (name: MemberName): Member => {
    const member = members.get(name);
    if (!member) throw new Error(`${name} does not run`);
    return member;
  };
  const end = async (name: MemberName, signal: NodeJS.Signals): Promise<void> => {
    const { pid, exited } = running(name);
    members.delete(name);
    process.kill(pid, signal);
    await exited;
  };
  const stop = async (): Promise<readonly MemberName[]> => {
    const failed: MemberName[] = [];
    for (const [name, member] of [...members].reverse()) {
      members.delete(name);
      await member.stop();
      if (!isServer(name) && (await member.exited).code !== 0) failed.push(name);
    }
    for (const proxy of [...proxies.values(), ...serverProxies.values()].flat())
      await proxy.close();
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
    return failed;
  };

  try {
    await start('postgres');
    if (options.brokerPorts === undefined) await start('nats');
    if (given === undefined) await start('eventstore');
    await Promise.all(options.workers.map(start));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    dataDir,
    httpUrl,
    postgresUrl,
    eventstoreUrl,
    natsUrl,
    members: () => [...members.keys()],
    kill: (name) => end(name, 'SIGKILL'),
    terminate: (name) => end(name, 'SIGTERM'),
    start,
    pidOf: (name) => running(name).pid,
    signal: (name, signal) => {
      process.kill(running(name).pid, signal);
    },
    silence: (name) => {
      if (allOf(proxies.get(name) ?? []).silence() === 0)
        throw new Error(`${name} has no connection to silence`);
    },
    proxyOf: (name) => {
      const before = serverProxies.get(name);
      if (!before) throw new Error('the cluster was not started `proxied`');
      return allOf(before);
    },
    signalAll: (signal) => {
      const pids = [...members.values()].flatMap(({ pid }) => processTree(pid).pids);
      for (const pid of pids)
        try {
          process.kill(pid, signal);
        } catch {
          // a connection of a server that has just ended
        }
    },
    stop,
  };
};
