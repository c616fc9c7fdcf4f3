import { toTimestamp, type Instant, type Timestamp } from '../../../time';
import { NONE } from '../calendar/sequence';
import type { CompiledTiming } from '../compile';
import { leftOut, type LeftOutReason } from './left-out';
import { occurrenceAt, type OccurrenceNote } from './occurrence';
import { secondAfter } from './window';

/** What a person decides by: the next occurrences, what is left out between them, and how the text was read. */
export type Preview = {
  readonly occurrences: readonly (Shown & { readonly dueAt: Timestamp })[];
  readonly skipped: readonly { readonly localTime: string; readonly reason: string }[];
  readonly meaning: readonly string[];
  readonly tzdata: string;
};

/** So many of what is left out are told. */
const MOST_SKIPPED = 100;

const timeOf = (wallTime: string): string => wallTime.slice(11);

/** What a change of clocks did to an occurrence, in words. */
const noteText = (note: OccurrenceNote, nominalTime: string): string => {
  if (note.kind === 'shown-twice') {
    const which = `clocks show ${timeOf(nominalTime)} twice, this is the ${note.time} time`;
    return note.runsTwice ? `${which} and it runs both times` : `${which} and it runs once`;
  }
  if (note.isShared)
    return 'it stands also for a time that clocks leave out here and that falls together with it';
  return note.by === 'shift'
    ? `clocks leave out ${timeOf(nominalTime)} here: it runs as much later as they jump`
    : `clocks leave out ${timeOf(nominalTime)} here: it runs at the end of the jump`;
};

/** An instant as people read it. */
export type Shown = {
  /** What clocks show then, with their offset. */
  readonly localTime: string;
  /** What a change of clocks has to do with it, as a sentence. */
  readonly note?: string;
};

/** @param at  an instant of the rule; any other has no note that means something */
export const shownAt = (timing: CompiledTiming, at: Instant): Shown => {
  const { localTime, nominalTime, note } = occurrenceAt(timing, Math.floor(at / 1_000));
  return { localTime, ...(note && { note: noteText(note, nominalTime) }) };
};

const reasons: Readonly<Record<LeftOutReason, string>> = {
  gap: 'clocks leave out this time, and `gap` is skip',
  exclude: 'the day is in `exclude`',
  exdate: 'EXDATE names it',
};

/** The first `count` occurrences later than `from`. */
export const preview = (timing: CompiledTiming, from: Instant, count: number): Preview => {
  const { due, rule, tzdata } = timing;
  const found: number[] = [];
  for (
    let at = due.from(secondAfter(from));
    at !== NONE && found.length < count;
    at = due.from(at + 1)
  )
    found.push(at);
  const until = (found.at(-1) ?? Math.floor(from / 1_000)) * 1_000;
  return {
    occurrences: found.map((at) => ({
      dueAt: toTimestamp(at * 1_000),
      ...shownAt(timing, at * 1_000),
    })),
    skipped: leftOut(timing, { after: from, until }, MOST_SKIPPED).map(({ localTime, reason }) => ({
      localTime,
      reason: reasons[reason],
    })),
    meaning: rule.meaning(),
    tzdata,
  };
};
