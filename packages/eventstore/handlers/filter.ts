import { dotnetRegExp } from '../core/dotnet-regex';
import type { RecordedEvent } from '../core/events';
import type { TimedTest } from '../core/timed-regex';
import { badRequest } from '../wire/call-error';
import type { Checkpoint } from '../wire/read-response';
import type { Filter } from '../wire/requests';

/** Verdicts on names that are kept, as types repeat; at most 1,024 bytes each. */
const keptVerdicts = 1_024;

type Match = (event: RecordedEvent) => boolean;

/** Decides a page of events in one go. */
type Matcher = (events: readonly RecordedEvent[]) => Match;

const regexMatcher = (
  regex: string,
  text: (event: RecordedEvent) => string,
  timedTest: TimedTest,
): Matcher => {
  const expression = dotnetRegExp(regex);
  if (!expression) throw badRequest('the regular expression of the filter is malformed');
  const verdicts = new Map<string, boolean>();
  return (events) => {
    if (verdicts.size > keptVerdicts) verdicts.clear();
    const unknown = [...new Set(events.map(text))].filter((name) => !verdicts.has(name));
    const tested = unknown.length > 0 ? timedTest(expression, unknown) : [];
    if (tested === 'too-slow')
      throw badRequest('the regular expression of the filter takes too long');
    unknown.forEach((name, i) => verdicts.set(name, tested[i] === true));
    return (event) => verdicts.get(text(event)) === true;
  };
};

/** @throws CallError when the regular expression does not compile or, later, takes too long */
export const matcherOf = (filter: Filter, timedTest: TimedTest): Matcher => {
  const { on, prefixes, regex } = filter;
  const text = (event: RecordedEvent): string => (on === 'stream' ? event.stream : event.type);
  if (regex !== undefined) return regexMatcher(regex, text, timedTest);
  const match: Match = (event) => prefixes.some((prefix) => text(event).startsWith(prefix));
  return () => match;
};

/** Events to send and then, where one is due, a checkpoint. */
export type Selection = {
  readonly events: readonly RecordedEvent[];
  readonly checkpoint: Checkpoint | undefined;
};

/** Picks the events of a page. */
export type Select = (
  page: readonly RecordedEvent[],
  /** True when the subscriber has caught up before. */
  isLive: boolean,
) => readonly Selection[];

/**
 * Picks the events that match, with a checkpoint after each `checkpointEvery` scanned ones.
 *
 * @param isLagging  while catching up a checkpoint is at the last match of its page, else before the page, as on the
 *   real server: who goes on from there may get what is no match, and never misses one
 */
export const selector = (filter: Filter, timedTest: TimedTest, isLagging: boolean): Select => {
  const matcher = matcherOf(filter, timedTest);
  let scanned = 0;
  return (page, isLive) => {
    const matches = matcher(page);
    const selections: Selection[] = [];
    let events: RecordedEvent[] = [];
    let sequence = page[0]?.sequence ?? 0;
    let isBefore = true;
    for (const event of page) {
      const isMatch = matches(event);
      if (isMatch) events.push(event);
      if (isMatch || isLive || !isLagging) {
        sequence = event.sequence;
        isBefore = false;
      }
      scanned += 1;
      if (scanned < filter.checkpointEvery) continue;
      scanned = 0;
      selections.push({ events, checkpoint: { sequence, isBefore } });
      events = [];
    }
    if (events.length > 0) selections.push({ events, checkpoint: undefined });
    return selections;
  };
};
