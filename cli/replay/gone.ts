import type { RecordedEvent } from '../../domain/event-log';
import { jobStream, metadataStream, scheduleStream } from '../../domain/ids';
import { readModel } from '../../projections/projections';
import { readIfThere } from '../../projections/audit/gone-streams';
import { hidingIn } from '../../projections/audit/hiding';
import type { RowDifference, TableDifference } from '../../projections/replay/comparing/difference';

type Read = (stream: string) => Promise<readonly RecordedEvent[]>;

/** The stream behind a row that one side only has: of the schedule where its table is about schedules, else of the job. */
const streamOf = (table: string, { kind, columns }: RowDifference): string | undefined => {
  if (kind === 'changed') return undefined;
  const valueOf = (name: string): string | undefined => {
    const found = columns.find(({ column }) => column === name);
    return found?.live ?? found?.rebuilt ?? undefined;
  };
  const ofSchedules = readModel.tables[table]?.key.includes('schedule_id') === true;
  const id = valueOf(ofSchedules ? 'schedule_id' : 'job_id');
  const stream = ofSchedules ? scheduleStream : jobStream;
  return valueOf('stream') ?? (id === undefined ? undefined : stream(id));
};

/** Whether the log has the beginning of a stream no more: of one that never was, nothing says that it is gone. */
const isGone = async (read: Read, stream: string): Promise<boolean> => {
  let wasDeleted = false;
  const [first] = await readIfThere(read, () => (wasDeleted = true))(stream);
  if (wasDeleted) return true;
  if (first) return first.revision > 0n;
  const metadata = (await read(metadataStream(stream))).at(-1);
  return (
    metadata !== undefined && hidingIn(Buffer.from(JSON.stringify(metadata.data))) !== undefined
  );
};

export type GoneJobs = {
  /** Streams behind rows that differ because the log has their beginning no more. */
  readonly streams: readonly string[];
  /** Whether that explains every difference. */
  readonly explainsAll: boolean;
};

/** Looks which differences come of what an administrator has taken out of the log. */
export const goneAmong = async (
  differences: readonly TableDifference[],
  read: Read,
): Promise<GoneJobs> => {
  const ofOne = differences.filter(({ table }) => readModel.tables[table]?.isOfMany !== true);
  const streams = ofOne.flatMap(({ table, rows }) => rows.map((row) => streamOf(table, row)));
  const gone = new Map<string, boolean>();
  for (const stream of streams) {
    if (stream !== undefined && !gone.has(stream)) gone.set(stream, await isGone(read, stream));
  }
  const found = [...gone].flatMap(([stream, is]) => (is ? [stream] : []));
  const sums = differences.filter((difference) => !ofOne.includes(difference));
  return {
    streams: found,
    explainsAll:
      streams.every((stream) => gone.get(stream ?? '') === true) &&
      // whose events such a row lacks it does not say
      (found.length > 0 || sums.every(({ rows }) => rows.length === 0)) &&
      differences.every(({ isCutOff, liveRows }) => !isCutOff && liveRows !== undefined),
  };
};
