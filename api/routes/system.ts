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
};

const SEAL_WITHIN_MS = 1_000;

/** A log that is away is when operators look most: all else is told without it, and `/readyz` tells of it. */
const sealIfThere = (seal: SystemDeps['seal']): Promise<object> =>
  within(SEAL_WITHIN_MS, 'event-log-unavailable', seal).then(
    (found) => ({ seal: found ?? null }),
    () => ({}),
  );

/** Who works, who executes, what stands still, and how far the log is sealed. */
export const systemRoute = ({ state, seal }: SystemDeps): Route => ({
  method: 'GET',
  path: '/v1/system',
  operationId: 'getSystem',
  summary: 'Read what runs, and what stands still',
  roles: ['operator'],
  answers: answered('As the read model and the log have it.', systemSchema),
  late: 'read-model-unavailable',
  handle: async ({ inTime }) => {
    const [found, sealed] = await Promise.all([
      inTime(() => state(LIMITS.systemTold)),
      sealIfThere(seal),
    ]);
    return { status: 200, body: { ...found, ...sealed } };
  },
});
