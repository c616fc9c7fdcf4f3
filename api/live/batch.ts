import type { StatusChange } from '../../domain/job/status-change';

/** A change as a server-sent event. */
export type Told = { readonly position: bigint; readonly jobId: string; readonly frame: string };

/** Changes that are told together, in the order of the log; never none. */
export type Batch = {
  readonly first: bigint;
  readonly changes: readonly Told[];
  /** All of their frames, joined once for all who hear it. */
  readonly text: () => string;
  /** The newest change of each job alone. */
  readonly latest: () => Batch;
};

export const toldOf = ({ position, ...change }: StatusChange): Told => {
  const data = JSON.stringify({ position: String(position), ...change });
  const frame = `id: ${position}\nevent: status\ndata: ${data}\n\n`;
  return { position, jobId: change.jobId, frame };
};

export const framesOf = (changes: readonly Told[]): string =>
  changes.map(({ frame }) => frame).join('');

const latestOf = (changes: readonly Told[]): readonly Told[] => {
  const newest = new Map(changes.map((told) => [told.jobId, told]));
  return changes.filter((told) => newest.get(told.jobId) === told);
};

/** @param changes  at least one */
export const batchOf = (changes: readonly Told[]): Batch => {
  let text: string | undefined;
  let latest: Batch | undefined;
  return {
    first: changes[0]?.position ?? -1n,
    changes,
    text: () => (text ??= framesOf(changes)),
    latest: () => (latest ??= batchOf(latestOf(changes))),
  };
};
