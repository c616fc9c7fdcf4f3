import { readdir, readFile } from 'node:fs/promises';
import type { Client } from 'pg';
import type { Figures } from './row';
import type { Stack } from './stack';
import { rounded } from './statistics';

/** CPU seconds so far, by program; `machine` is all of the machine. */
type Sample = ReadonlyMap<string, number>;

export type CpuUse = {
  readonly cpuSecondsPer1000Jobs: Figures;
  readonly foreignCpuShare: number;
};

export type CpuMeter = {
  /** Starts to count. @returns what was used until the call, per thousand jobs */
  readonly start: () => Promise<(jobs: number) => Promise<CpuUse>>;
};

/** Clock ticks a second in /proc, on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** What the backends of Postgres are called in the figures, by application name. */
const backendNames: Readonly<Record<string, string>> = {
  'event store writer': 'postgres: log writer',
  'event store reader': 'postgres: log readers',
  'event store heads': 'postgres: log readers',
  'punctual-projector': 'postgres: projector',
  punctual: 'postgres: dispatcher, api',
  'punctual-listen': 'postgres: dispatcher, api',
  'punctual-bench': 'postgres: bench',
};

const REST_OF_POSTGRES = 'postgres: rest';

/** Fields of /proc/PID/stat from the state on; the name before may hold spaces. Empty when the process is gone. */
const statOf = async (pid: number): Promise<readonly string[]> => {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
};

const seconds = (ticks: readonly (string | undefined)[]): number =>
  ticks.reduce((sum, text) => sum + Number(text ?? 0), 0) / TICKS_PER_SECOND;

/** User and system time of a process; 0 when it is gone. */
export const processSeconds = async (pid: number): Promise<number> =>
  seconds((await statOf(pid)).slice(11, 13));

/** The same with that of all children that have ended. */
export const withEndedChildren = async (pid: number): Promise<number> =>
  seconds((await statOf(pid)).slice(11, 15));

/** User and system time of all children of a process that live. */
export const childrenSeconds = async (parent: number): Promise<number> => {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(pids.map((pid) => statOf(Number(pid))));
  const children = stats.filter(([, parentPid]) => Number(parentPid) === parent);
  return seconds(children.flatMap((stat) => stat.slice(11, 13)));
};

export const residentMb = async (pid: number): Promise<number> => {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(text)?.[1] ?? 0) / 1_024);
};

/** Time of all cores that was not idle, steal included. */
const machineSeconds = async (): Promise<number> => {
  const text = await readFile('/proc/stat', 'utf8').catch(() => '');
  const [user, nice, system, , , irq, softirq, steal] =
    text.split('\n', 1)[0]?.split(/ +/).slice(1) ?? [];
  return seconds([user, nice, system, irq, softirq, steal]);
};

const addTo = (sample: Map<string, number>, name: string, value: number): void => {
  sample.set(name, (sample.get(name) ?? 0) + value);
};

type Backend = { readonly pid: number; readonly application_name: string };

const sampleOf = async ({ endpoints, parentPid }: Stack, database: Client): Promise<Sample> => {
  const { pids } = await endpoints();
  const sample = new Map<string, number>();
  const { user, system } = process.cpuUsage();
  addTo(sample, 'bench', (user + system) / 1e6);
  addTo(sample, 'parent', await processSeconds(parentPid));
  for (const [name, pid] of Object.entries(pids))
    if (name === 'postgres') addTo(sample, REST_OF_POSTGRES, await withEndedChildren(pid));
    else addTo(sample, name, await processSeconds(pid));
  const { rows } = await database.query<Backend>(
    'select pid, application_name from pg_stat_activity',
  );
  for (const { pid, application_name } of rows)
    addTo(sample, backendNames[application_name] ?? REST_OF_POSTGRES, await processSeconds(pid));
  addTo(sample, 'machine', await machineSeconds());
  return sample;
};

/** Reads /proc, so it counts on Linux only; elsewhere all figures are 0. */
export const cpuMeter = (stack: Stack, database: Client): CpuMeter => ({
  start: async () => {
    const before = await sampleOf(stack, database);
    return async (jobs) => {
      const after = await sampleOf(stack, database);
      const used = [...after].map(
        ([name, value]) => [name, value - (before.get(name) ?? 0)] as const,
      );
      const programs = used.filter(([name]) => name !== 'machine');
      const ours = programs.reduce((sum, [, value]) => sum + value, 0);
      const all = after.get('machine') ?? 0;
      const machine = all - (before.get('machine') ?? 0);
      const perThousand = (value: number): number => rounded((value * 1_000) / jobs);
      return {
        cpuSecondsPer1000Jobs: {
          ...Object.fromEntries(programs.map(([name, value]) => [name, perThousand(value)])),
          sum: perThousand(ours),
        },
        foreignCpuShare: machine > 0 ? rounded(Math.max(0, (machine - ours) / machine)) : 0,
      };
    };
  },
});
