import type { RecordedEvent } from '../core/events';
import { invalidArgument } from '../wire/call-error';
import { encodeCheckpoint, encodeReadEvent } from '../wire/read-response';
import type { SubscriptionFilter } from '../wire/requests';

const compile = (regex: string): RegExp => {
  try {
    return new RegExp(regex, 'u');
  } catch {
    throw invalidArgument('the regular expression of the filter is malformed');
  }
};

/**
 * Tests an event against a filter. Regular expressions are those of JavaScript, not of .NET.
 *
 * @throws CallError when the regular expression does not compile
 */
export const matcher = ({
  on,
  prefixes,
  regex,
}: SubscriptionFilter): ((event: RecordedEvent) => boolean) => {
  const text = (event: RecordedEvent): string => (on === 'stream' ? event.stream : event.type);
  if (regex !== undefined) {
    const expression = compile(regex);
    return (event) => expression.test(text(event));
  }
  return (event) => prefixes.some((prefix) => text(event).startsWith(prefix));
};

/** Events as messages, with a checkpoint after each `checkpointEvery` scanned ones. */
export const filteredMessages = (filter: SubscriptionFilter) => {
  const matches = matcher(filter);
  let scanned = 0;
  return (events: readonly RecordedEvent[]): Buffer[] => {
    const messages: Buffer[] = [];
    for (const event of events) {
      if (matches(event)) messages.push(encodeReadEvent(event));
      scanned += 1;
      if (scanned < filter.checkpointEvery) continue;
      scanned = 0;
      messages.push(encodeCheckpoint(event.sequence));
    }
    return messages;
  };
};
