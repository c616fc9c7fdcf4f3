import {
  BACKWARDS,
  END,
  ErrorType,
  jsonEvent,
  type EventStoreDBClient,
} from '@eventstore/db-client';
import { jobStream, JOB_STREAM_PREFIX } from '../../domain/ids';
import type { ServerCheck, Verdict } from '../server-check';
import { hasType, refusalOf } from './failures';
import type { StreamNames } from './stream-names';

/** Never a job's. */
const nobody = jobStream('00000000-0000-0000-0000-000000000000');
/** No stream gets there, so an append at this revision is refused after the right to append was looked at, and before anything is written. */
const NEVER = 2n ** 62n;

const ok: Verdict = { outcome: 'ok' };

/** What a try rejected with as a verdict. @throws it, when it says nothing of what the server allows */
const verdictOf = (error: unknown, remedy: string): Verdict => {
  if (refusalOf(error) !== 'access-denied') throw error;
  const found = 'that the user of the URL may not, or that its password is wrong';
  return { outcome: 'missing', found, remedy };
};

/**
 * What Punctual needs of the event store; docs/operations.md has the rights as an administrator gives them.
 *
 * @param follows  whether the whole log is read, as by projector, archivist, API and tools
 */
export const eventStoreChecks = (
  client: EventStoreDBClient,
  names: StreamNames,
  { follows }: { readonly follows: boolean },
): readonly ServerCheck[] => {
  const probe = names.stored(nobody);
  const jobs = `${names.stored(JOB_STREAM_PREFIX)}*`;
  const check = (name: string, look: ServerCheck['look']): ServerCheck => ({
    setting: 'EVENTSTORE_URL',
    name,
    look,
  });
  const tried = async (read: AsyncIterable<unknown>, remedy: string): Promise<Verdict> => {
    try {
      for await (const _ of read); // to its end: one that is left early is never over for the client
      return ok;
    } catch (error) {
      return hasType(error, ErrorType.STREAM_NOT_FOUND) ? ok : verdictOf(error, remedy);
    }
  };
  return [
    check('to read job streams', () =>
      tried(
        client.readStream(probe, { maxCount: 1 }),
        `Give it $r on streams \`${jobs}\`: \`"$acl": {"$r": …}\`, or the default user ACL of $settings.`,
      ),
    ),
    check('to append to job streams', async () => {
      try {
        const event = jsonEvent({ type: 'Never', data: {} });
        await client.appendToStream(probe, event, { expectedRevision: NEVER });
        return ok;
      } catch (error) {
        return hasType(error, ErrorType.WRONG_EXPECTED_VERSION)
          ? ok
          : verdictOf(
              error,
              `Give it $w on streams \`${jobs}\`, or the default user ACL of $settings.`,
            );
      }
    }),
    ...(follows
      ? [
          check('to read the whole log', () =>
            tried(
              client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 1 }),
              'Give it $r on `$all`, in the metadata of the stream `$all`, or make it a member of $admins.',
            ),
          ),
        ]
      : []),
  ];
};
