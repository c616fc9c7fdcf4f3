import { endLine, eventLine, type StoredEvent } from './line';

const flushBytes = 64 * 1024;

/**
 * Writes a log as lines, in larger pieces.
 *
 * @param write    waits while the other side is full
 * @param onEvent  told of each event that is on its way
 * @returns how many events there were
 */
export const exportLog = async (
  log: AsyncIterable<StoredEvent>,
  write: (text: string) => Promise<void>,
  onEvent: (event: StoredEvent, events: number) => void,
): Promise<number> => {
  let text = '';
  let events = 0;
  for await (const event of log) {
    text += eventLine(event);
    events += 1;
    onEvent(event, events);
    if (text.length < flushBytes) continue;
    await write(text);
    text = '';
  }
  await write(text + endLine(events));
  return events;
};
