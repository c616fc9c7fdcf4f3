import { dotnetRegExp } from '../core/dotnet-regex';
import type { RecordedEvent } from '../core/events';
import type { TimedTest } from '../core/timed-regex';
import { badRequest } from '../wire/call-error';
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

/** Events to send and then, where one is due, a checkpoint: the sequence up to which all were scanned. */
export type Selection = {
  readonly events: readonly RecordedEvent[];
  readonly checkpoint: number | undefined;
};

/** Picks the events that match, with a checkpoint after each `checkpointEvery` scanned ones. */
export const selector = (filter: Filter, timedTest: TimedTest) => {
  const matcher = matcherOf(filter, timedTest);
  let scanned = 0;
  return (page: readonly RecordedEvent[]): readonly Selection[] => {
    const matches = matcher(page);
    const selections: Selection[] = [];
    let events: RecordedEvent[] = [];
    for (const event of page) {
      if (matches(event)) events.push(event);
      scanned += 1;
      if (scanned < filter.checkpointEvery) continue;
      scanned = 0;
      selections.push({ events, checkpoint: event.sequence });
      events = [];
    }
    if (events.length > 0) selections.push({ events, checkpoint: undefined });
    return selections;
  };
};
