import {
  compileTiming,
  type CompiledTiming,
  type CompileOutcome,
} from '../../domain/schedule/timing/compile';
import type { TimingDefinition, TimingText } from '../../domain/schedule/timing/definition';
import { next } from '../../domain/schedule/timing/answers/next';
import { fromTimestamp, toTimestamp, type Instant } from '../../domain/time';
import type { ZoneTables } from '../../domain/schedule/timing/calendar/zone';
import { pinnedZones } from '../../infra/tzdata/pinned';

/** An instant as rules are written about them: whole seconds. */
export const at = (text: string): Instant => fromTimestamp(text);

export const textOf = (instant: Instant): string => toTimestamp(instant).replace('.000Z', 'Z');

export type Wanted = Omit<TimingDefinition, 'timing' | 'timeZone'> & {
  readonly zone?: string;
  /** From when it counts. */
  readonly from?: string;
  readonly zones?: ZoneTables;
};

/** A rule text with its kind read from it. */
const timingOf = (rule: string): TimingText => {
  if (/^R\d*\//.test(rule)) return { every: rule };
  return rule.includes('DTSTART') || rule.includes('RRULE') ? { rrule: rule } : { cron: rule };
};

export const compileRule = (rule: string | TimingText, wanted: Wanted = {}): CompileOutcome => {
  const { zone = 'UTC', from = '2026-01-01T00:00:00Z', zones = pinnedZones, ...more } = wanted;
  const timing = typeof rule === 'string' ? timingOf(rule) : rule;
  return compileTiming({ timing, timeZone: zone, ...more }, zones, at(from));
};

/** @throws Error when it is refused */
export const compiled = (rule: string | TimingText, wanted: Wanted = {}): CompiledTiming => {
  const outcome = compileRule(rule, wanted);
  if (outcome.outcome === 'compiled') return outcome.timing;
  throw new Error(`${outcome.code}: ${JSON.stringify(outcome.problems)}`);
};

/** The next occurrences, fewer when it ends. */
export const nextOf = (timing: CompiledTiming, from: string, count: number): readonly string[] => {
  const found: string[] = [];
  let after: Instant | undefined = at(from);
  while (found.length < count && (after = next(timing, after)) !== undefined)
    found.push(textOf(after));
  return found;
};
