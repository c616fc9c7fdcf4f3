import { StreamGone, type RecordedEvent } from '../../domain/event-log';
import type { StreamAudit } from '../../domain/audit/stream-audit';
import type { StreamTrace } from '../../domain/audit/trace-table';
import type { EventPlace, Violation } from '../../domain/audit/violation';
import {
  isStreamMetadata,
  isTombstone,
  metadataStream,
  ownIdOf,
  streamOfMetadata,
} from '../../domain/ids';
import type { LogCheck } from './log-check';
import type { StoredBytes } from '../reading/log-scan';
import { hidingIn, takesAway, type Hiding } from './hiding';

/**
 * What an administrator of the event store has taken out of the log or out of sight. It is neither a violation, for
 * they may do so, nor proved, for nobody can look at it.
 */
export type Gone = Violation;

export type GoneStreams = LogCheck & {
  /** Complete after `end`. */
  readonly found: () => readonly Gone[];
  /** Whether nothing, or not all, is left of the stream, and its metadata or a tombstone says why. */
  readonly isGone: (stream: string) => boolean;
  readonly isDeleted: (stream: string) => boolean;
  /** How many events may be missing for it; Infinity where nobody can say. Complete after `end`. */
  readonly missingAtMost: () => number;
};

export type GoneStreamsDeps = {
  readonly audits: readonly Pick<
    StreamAudit<StreamTrace, never>,
    'knows' | 'standing' | 'lateBegins'
  >[];
  /** For metadata that lies before the window. */
  readonly read: (stream: string) => Promise<readonly RecordedEvent[]>;
  readonly isWindow: boolean;
};

type Told = { readonly hiding: Hiding; readonly place: EventPlace };

const placeOf = ({ stream, revision, position, type }: EventPlace): EventPlace => ({
  stream,
  revision,
  position,
  type,
});

/** Finds streams of ours of which events are gone or hidden, and what says so. */
export const goneStreams = ({ audits, read, isWindow }: GoneStreamsDeps): GoneStreams => {
  const isKnown = (stream: string): boolean => audits.some(({ knows }) => knows(stream));
  const lateBegin = (stream: string): EventPlace | undefined =>
    audits.map(({ lateBegins }) => lateBegins().get(stream)).find((begin) => begin !== undefined);
  const allLateBegins = (): readonly (readonly [string, EventPlace])[] =>
    audits.flatMap(({ lateBegins }) => [...lateBegins()]);
  const lastRevision = (stream: string): bigint => {
    const its = audits.find(({ knows }) => knows(stream));
    return BigInt(its?.standing(stream)?.revision ?? 0);
  };
  /** By the stream that it is about: those that hide something. */
  const told = new Map<string, Told>();
  const tombstones = new Map<string, EventPlace>();
  const found: Gone[] = [];
  let missing = 0;

  const see = (stored: StoredBytes): void => {
    const { stream, data, type } = stored;
    if (isTombstone(type)) tombstones.set(stream, placeOf(stored));
    if (!isStreamMetadata(stream)) return;
    const hiding = hidingIn(data);
    if (hiding) told.set(streamOfMetadata(stream), { hiding, place: placeOf(stored) });
    else told.delete(streamOfMetadata(stream));
  };

  const explainsBegin = (stream: string, { revision }: EventPlace): boolean => {
    if (tombstones.has(stream)) return true;
    const its = told.get(stream);
    return its !== undefined && takesAway(its.hiding, revision, lastRevision(stream));
  };
  const isGone = (stream: string): boolean => {
    const begin = lateBegin(stream);
    if (begin) return explainsBegin(stream, begin);
    return !isKnown(stream) && (told.has(stream) || tombstones.has(stream));
  };

  const add = (rule: string, stream: string, message: string, events: readonly EventPlace[]) =>
    void found.push({ rule, subject: ownIdOf(stream) ?? stream, message, events });

  const tell = (stream: string): void => {
    const its = told.get(stream);
    const tombstone = tombstones.get(stream);
    const says = [...(its ? [its.place] : []), ...(tombstone ? [tombstone] : [])];
    const why = tombstone
      ? 'it was deleted for good'
      : `its metadata says ${its?.hiding.text ?? 'so'}`;
    if (ownIdOf(stream) === undefined) {
      missing = Infinity; // of another program: whatever it had may be what is missing of a sealed block
      return;
    }
    const begin = lateBegin(stream);
    if (begin) {
      if (!explainsBegin(stream, begin)) return;
      missing += Number(begin.revision);
      const message = `the log has it from revision ${begin.revision} on; what came before is gone, ${why}`;
      add('history-truncated', stream, message, [begin, ...says]);
    } else if (!isKnown(stream)) {
      missing = Infinity;
      add('stream-gone', stream, `no event of it is left in the log, ${why}`, says);
    } else {
      const message = `events that are in the log are hidden from whoever reads the stream: ${why}`;
      add('events-hidden', stream, message, says);
    }
  };

  /** Of streams that begin late in a window the metadata may lie before it. */
  const readMetadata = async (): Promise<void> => {
    for (const [stream] of allLateBegins()) {
      if (told.has(stream) || tombstones.has(stream)) continue;
      const event = (await read(metadataStream(stream))).at(-1);
      const hiding = event && hidingIn(Buffer.from(JSON.stringify(event.data) ?? ''));
      if (hiding) told.set(stream, { hiding, place: placeOf(event) });
    }
  };

  const unexplained = (): readonly Violation[] =>
    allLateBegins()
      .filter(([stream, begin]) => !explainsBegin(stream, begin))
      .map(([stream, begin]) => ({
        rule: 'revision-gap',
        subject: ownIdOf(stream) ?? stream,
        message: `it begins at revision ${begin.revision}; what came before is missing, and its metadata does not say why`,
        events: [begin],
      }));

  return {
    take: (batch) => {
      for (const event of batch) see(event);
    },
    end: async () => {
      if (isWindow) await readMetadata();
      for (const stream of new Set([...told.keys(), ...tombstones.keys()])) tell(stream);
      return unexplained();
    },
    found: () => found,
    isGone,
    isDeleted: (stream) => tombstones.has(stream),
    missingAtMost: () => missing,
  };
};

/** The events of a stream; none of one that is gone for good, which is told. */
export const readIfThere =
  (read: GoneStreamsDeps['read'], onGone: () => void = () => undefined): GoneStreamsDeps['read'] =>
  async (stream) => {
    try {
      return await read(stream);
    } catch (error) {
      if (!(error instanceof StreamGone)) throw error;
      onGone();
      return [];
    }
  };
