import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceSecretFile } from './secret-file';

/** Where a stack listens: the content of `DATA_DIR/endpoints.json`. The URLs are whole, with their passwords. */
export type Endpoints = {
  readonly httpUrl: string;
  readonly eventstoreUrl: string;
  readonly postgresUrl: string;
  readonly natsUrl: string;
  /** Absent for a system without one. */
  readonly systemPrefix?: string | undefined;
  /** Metrics of the processes without an API. */
  readonly coreMetricsUrl: string;
  readonly planMetricsUrl: string;
  readonly archiveMetricsUrl: string;
  /** Process ids by name, for whoever wants to stop or kill a single one. */
  readonly pids: Readonly<Record<string, number>>;
};

const fileIn = (dataDir: string): string => join(dataDir, 'endpoints.json');

/** What an earlier or running stack on this folder wrote; undefined when there was none. */
export const readEndpoints = async (dataDir: string): Promise<Endpoints | undefined> => {
  try {
    return JSON.parse(await readFile(fileIn(dataDir), 'utf8')) as Endpoints; // written below, by us
  } catch {
    return undefined;
  }
};

/** Replaces the file in one step, for its owner alone. */
export const writeEndpoints = async (dataDir: string, endpoints: Endpoints): Promise<void> => {
  await replaceSecretFile(fileIn(dataDir), `${JSON.stringify(endpoints, undefined, 2)}\n`);
};
