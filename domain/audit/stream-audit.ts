import type { AuditedOf, AuditRule } from './audited-event';
import { traceTable, type StreamTrace, type TraceLayout } from './trace-table';
import type { EventPlace, Violation } from './violation';

/** What the audit of one kind of stream needs to know of it. */
export type StreamSubject<Trace extends StreamTrace, Event> = {
  readonly layout: TraceLayout<Trace>;
  readonly rules: ReadonlyMap<string, readonly AuditRule<Trace, object>[]>;
  /** Whether an event of this type is the first of a whole stream, wherever it stands. */
  readonly begins: (type: string) => boolean;
  /** What violations are about: the id in a stream's name. */
  readonly subjectOf: (stream: string) => string;
  /** @param isSeed  it lies before what is to be verified */
  readonly advance: (trace: Trace, event: Event, stream: string, isSeed: boolean) => void;
};

export type StreamAudit<Trace, Event> = {
  /** Whether any event of the stream was taken or seeded. */
  readonly knows: (stream: string) => boolean;
  /** Holds an event against the rules. Events of one stream come in the order of the log. */
  readonly take: (stream: string, event: Event) => void;
  /** Believes an event that lies before what is to be verified. */
  readonly seed: (stream: string, event: Event) => void;
  /** Tells of an event that cannot be read, and goes on after it. */
  readonly skip: (place: EventPlace, why: string, isSeed: boolean) => void;
  /** A stream as it stands; undefined when it is not known. Valid until the next call of anything. */
  readonly standing: (stream: string) => Readonly<Trace> | undefined;
  /** A number from 0 on for each stream that is known, in the order in which they came. */
  readonly numberOf: (stream: string) => number | undefined;
  /** Streams of which the first event that came is not their first, with that event. */
  readonly lateBegins: () => ReadonlyMap<string, EventPlace>;
  /** How many streams are known. */
  readonly size: () => number;
  /** All streams with their numbers and traces; the same object each time, filled again. */
  readonly all: () => Iterable<readonly [stream: string, number: number, trace: Readonly<Trace>]>;
};

export const placeOf = (
  stream: string,
  { revision, position, type }: Pick<AuditedOf<unknown>, 'revision' | 'position' | 'type'>,
): EventPlace => ({ stream, revision: BigInt(revision), position: BigInt(position), type });

/** Place of the event that brought a stream to where it stands. */
export const lastPlace = (stream: string, trace: Readonly<StreamTrace>): readonly EventPlace[] =>
  trace.revision < 0 ? [] : [placeOf(stream, { ...trace, type: trace.lastType || 'unreadable' })];

const revisionGap = (last: number, next: number): string | undefined =>
  next === last + 1
    ? undefined
    : `revision ${next} follows ${last < 0 ? 'nothing' : `revision ${last}`}`;

/** The traces of streams, one at a time: `trace` is the same object always, filled by each `load`. */
const cursor = <Trace extends StreamTrace>(
  layout: TraceLayout<Trace>,
  begins: (type: string) => boolean,
) => {
  const table = traceTable(layout);
  const trace = layout.empty();
  const lateBegins = new Map<string, EventPlace>();
  return {
    table,
    trace,
    lateBegins,
    /** @returns its row */
    load: (stream: string): number => {
      const row = table.rowOf(stream);
      if (row === undefined) {
        Object.assign(trace, layout.empty());
        return table.add(stream);
      }
      table.load(row, trace);
      return row;
    },
    standing: (stream: string): Readonly<Trace> | undefined => {
      const row = table.rowOf(stream);
      if (row === undefined) return undefined;
      table.load(row, trace);
      return trace;
    },
    all: function* all(): Generator<readonly [string, number, Readonly<Trace>]> {
      for (const [stream, row] of table.streams()) {
        table.load(row, trace);
        yield [stream, row, trace];
      }
    },
    /** Whoever looks at metadata says why the events before it are missing. */
    beginLate: (place: EventPlace): void => {
      lateBegins.set(place.stream, place);
      trace.isHeadless = !begins(place.type);
      trace.revision = Number(place.revision) - 1;
    },
  };
};

/** Holds one event against the rules, with its stream's trace as it was before. */
const checkOf =
  <Trace extends StreamTrace, Event extends AuditedOf<object>>(
    { rules, subjectOf }: StreamSubject<Trace, Event>,
    report: (violation: Violation) => void,
  ) =>
  (stream: string, event: Event, trace: Readonly<Trace>): void => {
    const breached = (rule: string, message: string): void => {
      const events = [...lastPlace(stream, trace), placeOf(stream, event)];
      report({ rule, subject: subjectOf(stream), message, events });
    };
    const gap = revisionGap(trace.revision, event.revision);
    if (gap !== undefined) breached('revision-gap', gap);
    if (trace.isHeadless) return; // all others need what came before
    for (const { name, breach } of rules.get(event.type) ?? []) {
      const message = breach(trace, event);
      if (message !== undefined) breached(name, message);
    }
  };

/**
 * Holds streams against the spec, independently of the code that decided and folded them.
 *
 * @param onTaken  sees each event that is held against the rules, with its stream's trace as it was before
 */
export const streamAudit = <Trace extends StreamTrace, Event extends AuditedOf<object>>(
  subject: StreamSubject<Trace, Event>,
  report: (violation: Violation) => void,
  onTaken: (stream: string, event: Event, trace: Trace) => void,
): StreamAudit<Trace, Event> => {
  const { layout, begins, subjectOf, advance } = subject;
  const { table, trace, lateBegins, load, beginLate, standing, ...streams } = cursor(
    layout,
    begins,
  );
  const check = checkOf(subject, report);

  const loadFor = (stream: string, event: Event): number => {
    const row = load(stream);
    if (trace.revision < 0 && event.revision !== 0) beginLate(placeOf(stream, event));
    return row;
  };

  return {
    knows: (stream) => table.rowOf(stream) !== undefined,
    take: (stream, event) => {
      const row = loadFor(stream, event);
      check(stream, event, trace);
      onTaken(stream, event, trace);
      advance(trace, event, stream, false);
      table.save(row, trace);
    },
    seed: (stream, event) => {
      const row = loadFor(stream, event);
      advance(trace, event, stream, true);
      table.save(row, trace);
    },
    skip: (place, why, isSeed) => {
      const { stream, revision, position } = place;
      const row = load(stream);
      if (trace.revision < 0 && revision !== 0n) beginLate(place);
      if (!isSeed)
        report({
          rule: 'unreadable-event',
          subject: subjectOf(stream),
          message: why,
          events: [place],
        });
      trace.revision = Number(revision);
      trace.position = Number(position);
      trace.lastType = '';
      table.save(row, trace);
    },
    standing,
    numberOf: table.rowOf,
    lateBegins: () => lateBegins,
    size: table.size,
    all: () => streams.all(),
  };
};
