import { closeEventStore, openEventStore } from '../infra/eventstore/client';
import { eventStoreScan } from '../infra/eventstore/log-scan';
import { childrenSeconds, processSeconds, residentMb } from './cpu';
import { onFilledLog, type FilledLog } from './filled-log';
import type { Figures, Row } from './row';
import { ofRuns, rounded } from './statistics';
import { streams } from './names';

const RUNS = 3;
const JOBS = 250_000;

const cpuSeconds = async ({ postgres, server }: FilledLog) => {
  const { user, system } = process.cpuUsage();
  return {
    reader: (user + system) / 1e6,
    server: await processSeconds(server.pid),
    postgres: await childrenSeconds(postgres.pid),
  };
};

const measureScan = async (log: FilledLog, signal: AbortSignal): Promise<Figures> => {
  const client = openEventStore(log.server.url);
  const before = await cpuSeconds(log);
  const startMs = performance.now();
  let events = 0;
  for await (const batch of eventStoreScan(client, streams)({ after: 'start' }, signal))
    events += batch.length;
  const seconds = (performance.now() - startMs) / 1_000;
  const after = await cpuSeconds(log);
  await closeEventStore(client);
  if (events !== log.events) throw new Error(`${events} events of ${log.events} were read`);
  const per10k = (of: keyof typeof before): number =>
    rounded(((after[of] - before[of]) * 10_000) / events);
  return {
    perSecond: Math.round(events / seconds),
    seconds: rounded(seconds),
    readerCpuSecondsPer10k: per10k('reader'),
    serverCpuSecondsPer10k: per10k('server'),
    postgresCpuSecondsPer10k: per10k('postgres'),
    serverRssMb: await residentMb(log.server.pid),
  };
};

/** All of a log by one reader that does nothing else; all three programs on this machine. */
export const logScan: Row = {
  name: 'log-scan',
  measure: async (options) =>
    await onFilledLog(options, { jobs: JOBS }, async (log) => {
      options.note('reading it');
      const runs: Figures[] = [];
      for (let run = 0; run < RUNS; run += 1) runs.push(await measureScan(log, options.signal));
      const target = [{ of: 'perSecond', atLeast: 60_000 }];
      return [{ of: `scan of ${log.events} events`, ...ofRuns(runs), target }];
    }),
};
