import type { RecordedEvent } from '../core/events';
import { isLink, resolveLinks, type LinksDeps } from '../core/links';
import { encodeReadEvent, encodeReadLink } from '../wire/read-response';
import type { Outbox } from './outbox';

const sendResolved = async (
  deps: LinksDeps,
  out: Outbox,
  events: readonly RecordedEvent[],
): Promise<void> => {
  for await (const group of resolveLinks(deps, events)) {
    for (const { event, link } of group) {
      const message = link ? encodeReadLink(link, event) : event && encodeReadEvent(event);
      if (message && out.add(message) && !(await out.flush())) return;
    }
  }
};

/** Queues events as messages, links with their targets when asked; returns early when the call is over. */
export const sendEvents = async (
  deps: LinksDeps,
  out: Outbox,
  events: readonly RecordedEvent[],
  resolve: boolean,
): Promise<void> => {
  if (resolve && events.some(isLink)) {
    await sendResolved(deps, out, events);
    return;
  }
  for (const event of events) {
    if (out.add(encodeReadEvent(event)) && !(await out.flush())) return;
  }
};
