import type { ReadSystemState } from '../../projections/queries/operating/system-state';
import { LIMITS } from '../access/limits';
import { within } from '../http/failures';
import type { Route } from '../http/route';
import { systemSchema } from '../schemas/system';
import { answered } from './described';

export type SystemDeps = {
  readonly state: ReadSystemState;
  /** What the newest seal says of itself; undefined when there is none. */
  readonly seal: () => Promise<
    { readonly block: number; readonly position: string; readonly sealedAt: string } | undefined
  >;
  /** What was found when the log was last verified over HTTP; undefined when it never was. */
  readonly verification: () => Promise<object | undefined>;
  /** What servers say that they are, by name; those that say nothing are left out. */
  readonly versions: () => Promise<Readonly<Record<string, string>>>;
  /** How far the read model is behind the log; undefined while that is not known. */
  readonly lag: () => { readonly events: number; readonly ms: number } | undefined;
};

const SERVERS = ['event-store', 'read-model', 'broker'] as const;

const LOG_WITHIN_MS = 1_000;

/** A log that is away is when operators look most: all else is told without it, and `/readyz` tells of it. */
const ifThere = (name: string, read: () => Promise<object | undefined>): Promise<object> =>
  within(LOG_WITHIN_MS, 'event-log-unavailable', read).then(
    (found) => ({ [name]: found ?? null }),
    () => ({}),
  );

/** Who works, who executes, what stands still, and how far the log is sealed and proved. */
export const systemRoute = ({ state, seal, verification, versions, lag }: SystemDeps): Route => ({
  method: 'GET',
  path: '/v1/system',
  operationId: 'getSystem',
  summary: 'Read what runs, and what stands still',
  roles: ['operator'],
  answers: answered('As the read model and the log have it.', systemSchema),
  late: 'read-model-unavailable',
  handle: async ({ inTime }) => {
    const [{ skewsMs, ...found }, known, sealed, proved] = await Promise.all([
      inTime(() => state(LIMITS.systemTold)),
      versions(),
      ifThere('seal', seal),
      ifThere('verification', verification),
    ]);
    const servers = SERVERS.map((server) => ({
      server,
      ...(known[server] !== undefined && { version: known[server] }),
      ...(skewsMs[server] !== undefined && { skewMs: skewsMs[server] }),
    }));
    const behind = lag();
    const projection = behind && { lagEvents: behind.events, lagMs: behind.ms };
    return {
      status: 200,
      body: { ...found, servers, ...(projection && { projection }), ...sealed, ...proved },
    };
  },
});
