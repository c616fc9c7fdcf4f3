import type { EventPlace, Violation } from '../../domain/audit/violation';
import { isJobMetadata } from '../../domain/ids';
import type { LogCheck } from '../log-check';
import type { StoredBytes } from '../log-scan';

/** Properties of a stream's metadata that hide its events from whoever reads the stream; a soft delete is a `$tb`. */
const HIDING = ['$tb', '$maxCount', '$maxAge'] as const;

const SYSTEM_PREFIX = '$$';

/** What of the metadata hides events, as text; empty when nothing does. */
const hidingIn = (data: Uint8Array): string => {
  const text = Buffer.from(data).toString('utf8');
  try {
    const metadata: unknown = JSON.parse(text);
    if (typeof metadata !== 'object' || metadata === null) return '';
    const known = metadata as Readonly<Record<string, unknown>>;
    return HIDING.filter((name) => known[name] !== undefined && known[name] !== 0)
      .map((name) => `${name} ${String(known[name])}`)
      .join(', ');
  } catch {
    return text; // nobody can say what a server makes of it
  }
};

/** Finds job streams whose metadata hides events that are in the log. */
export const hiddenEvents = (): LogCheck => {
  const hiding = new Map<string, { readonly what: string; readonly place: EventPlace }>();

  const see = ({ stream, revision, position, type, data }: StoredBytes): void => {
    const what = hidingIn(data);
    if (what === '') hiding.delete(stream);
    else hiding.set(stream, { what, place: { stream, revision, position, type } });
  };

  return {
    take: (batch) => {
      for (const event of batch) if (isJobMetadata(event.stream)) see(event);
    },
    end: () =>
      [...hiding].map(([stream, { what, place }]): Violation => ({
        rule: 'events-hidden',
        subject: stream.slice(SYSTEM_PREFIX.length),
        message: `the metadata of the stream hides events that are in the log: ${what}`,
        events: [place],
      })),
  };
};
