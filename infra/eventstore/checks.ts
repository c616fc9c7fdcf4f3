import {
  BACKWARDS,
  END,
  ErrorType,
  jsonEvent,
  type EventStoreDBClient,
} from '@eventstore/db-client';
import { jobStream, operationStream, scheduleStream, webhookStream } from '../../domain/ids';
import { SEAL_STREAM } from '../../domain/seal/seal';
import { SHARES_STREAM } from '../../domain/shares/events';
import { SYSTEM_STREAM } from '../../domain/system/events';
import { trialStream } from '../../domain/system/trial';
import type { ServerCheck, Verdict } from '../server-check';
import { hasType, refusalOf } from './failures';
import type { StreamNames } from './stream-names';

const NOBODY = '00000000-0000-0000-0000-000000000000';

/** All streams that Punctual has, as documented, and one of each kind; those with an id are never there. */
const kinds: readonly (readonly [called: string, stream: string])[] = [
  ['job-*', jobStream(NOBODY)],
  ['schedule-*', scheduleStream(NOBODY)],
  ['operation-*', operationStream(NOBODY)],
  ['webhook-*', webhookStream(NOBODY)],
  ['punctual-*', trialStream(NOBODY)],
  ...[SYSTEM_STREAM, SHARES_STREAM, SEAL_STREAM].map((stream) => [stream, stream] as const),
];

/** No stream gets there, so an append at this revision is refused after the right to append was looked at, and before anything is written. */
const NEVER = 2n ** 62n;

const ok: Verdict = { outcome: 'ok' };

const isAny = (error: unknown, types: readonly ErrorType[]): boolean =>
  types.some((type) => hasType(error, type));

/**
 * Whether what is tried is allowed.
 *
 * @param otherwise  what it rejects with where it is allowed and comes to nothing all the same
 * @throws what says nothing of what the server allows
 */
const isAllowed = async (
  tried: () => Promise<unknown>,
  otherwise: readonly ErrorType[],
): Promise<boolean> => {
  try {
    await tried();
    return true;
  } catch (error) {
    if (isAny(error, otherwise)) return true;
    if (refusalOf(error) === 'access-denied') return false;
    throw error;
  }
};

/** Reads to its end: a read that is left early is never over for the client. */
const readOut = async (read: AsyncIterable<unknown>): Promise<void> => {
  for await (const _ of read);
};

const denied = (found: string, remedy: string): Verdict => ({
  outcome: 'missing',
  found: `that the user of the URL may not${found}, or that its password is wrong`,
  remedy,
});

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
  const check = (name: string, look: ServerCheck['look']): ServerCheck => ({
    setting: 'EVENTSTORE_URL',
    name,
    look,
  });
  const ofAllKinds = async (
    right: string,
    may: (stored: string) => Promise<boolean>,
  ): Promise<Verdict> => {
    const allowed = await Promise.all(kinds.map(([, stream]) => may(names.stored(stream))));
    const refused = kinds
      .filter((_, index) => allowed[index] === false)
      .map(([called]) => `\`${names.stored(called)}\``)
      .join(', ');
    return refused === ''
      ? ok
      : denied(
          ` (${refused})`,
          `Give it ${right} on streams ${refused}: \`"$acl": {"${right}": …}\`, or the default user ACL of $settings.`,
        );
  };
  return [
    check('to read its streams', () =>
      ofAllKinds('$r', (stored) =>
        isAllowed(
          () => readOut(client.readStream(stored, { maxCount: 1 })),
          [ErrorType.STREAM_NOT_FOUND, ErrorType.STREAM_DELETED],
        ),
      ),
    ),
    check('to append to its streams', () =>
      ofAllKinds('$w', (stored) =>
        isAllowed(
          () =>
            client.appendToStream(stored, jsonEvent({ type: 'Never', data: {} }), {
              expectedRevision: NEVER,
            }),
          [ErrorType.WRONG_EXPECTED_VERSION, ErrorType.STREAM_DELETED],
        ),
      ),
    ),
    ...(follows
      ? [
          check('to read the whole log', async () =>
            (await isAllowed(
              () =>
                readOut(client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 1 })),
              [],
            ))
              ? ok
              : denied(
                  '',
                  'Give it $r on `$all`, in the metadata of the stream `$all`, or make it a member of $admins.',
                ),
          ),
        ]
      : []),
  ];
};
