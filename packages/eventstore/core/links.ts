import type { StorageReader, StoredHead, StreamPlace } from '../store/storage';
import { tombstoneRevision, type RecordedEvent } from './events';
import { firstVisibleRevision, isSoftDeleted } from './stream-metadata';

const linkEventType = '$>';

/** Targets may be much larger than their links: this many of the largest are 32 MiB. */
const lookup = 32;

export const isLink = ({ type }: RecordedEvent): boolean => type === linkEventType;

/** An event, or a link with the event that it stands for; no event when that one is gone or hidden. */
export type ResolvedEvent = {
  readonly event: RecordedEvent | undefined;
  readonly link: RecordedEvent | undefined;
};

/** `revision@stream`: a place, `nowhere` when no stream is named, undefined when there is no revision. */
const parseLink = (data: Buffer): StreamPlace | 'nowhere' | undefined => {
  const text = data.toString('utf8');
  const at = text.indexOf('@');
  const revision = /^\s*[+-]?\d+\s*$/u.exec(at < 0 ? text : text.slice(0, at))?.[0];
  if (revision === undefined || Number(revision) >= 2 ** 63) return undefined;
  return at < 0 || Number(revision) < 0
    ? 'nowhere'
    : { stream: text.slice(at + 1), revision: Number(revision) };
};

const isVisible = (
  { revision, createdMs }: RecordedEvent,
  head: StoredHead | undefined,
  nowMs: number,
): boolean => {
  if (!head || head.revision === tombstoneRevision || isSoftDeleted(head.metadata)) return false;
  const { maxAgeMs } = head.metadata;
  if (maxAgeMs !== undefined && createdMs < nowMs - maxAgeMs) return false;
  return revision >= firstVisibleRevision(head.metadata, head.revision);
};

export type LinksDeps = { readonly reader: StorageReader; readonly nowMs: () => number };

const resolve = async (
  { reader, nowMs }: LinksDeps,
  events: readonly RecordedEvent[],
): Promise<readonly ResolvedEvent[]> => {
  const links = events.map((event) => (isLink(event) ? parseLink(event.data) : undefined));
  const places = links.filter((link) => typeof link === 'object');
  const found = places.length > 0 ? await reader.readPlaces(places) : undefined;
  let taken = 0;
  return events.map((event, i) => {
    const link = links[i];
    if (link === undefined) return { event, link: undefined };
    if (link === 'nowhere') return { event: undefined, link: event };
    const target = found?.events[taken];
    taken += 1;
    const isShown = target && isVisible(target, found?.heads.get(link.stream), nowMs());
    return { event: isShown ? target : undefined, link: event };
  });
};

/**
 * Events with the targets of their links, looked up many at a time and in groups that fit into memory. One step
 * only: the target of a link to a link is a link. A link without a revision is an event like any other.
 */
export async function* resolveLinks(
  deps: LinksDeps,
  events: readonly RecordedEvent[],
): AsyncGenerator<readonly ResolvedEvent[]> {
  for (let at = 0; at < events.length; at += lookup) {
    yield await resolve(deps, events.slice(at, at + lookup));
  }
}
