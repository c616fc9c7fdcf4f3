import type { ServerName } from '../health/vitals';
import { within } from '../../infra/within';

export type VersionOf = () => Promise<string | undefined>;

export type ServerVersions = Readonly<Partial<Record<ServerName, string>>>;

const WITHIN_MS = 1_000;

const late = (): Error => new Error('it does not answer');

/** What the servers say that they are; one that is away, or does not say, is left out. */
export const serverVersions =
  (servers: Readonly<Partial<Record<ServerName, VersionOf>>>) =>
  async (): Promise<ServerVersions> => {
    const told = await Promise.all(
      Object.entries(servers).map(async ([server, versionOf]) => {
        const version = await within(versionOf(), WITHIN_MS, late).catch(() => undefined);
        return version === undefined ? [] : [[server, version] as const];
      }),
    );
    return Object.fromEntries(told.flat());
  };
