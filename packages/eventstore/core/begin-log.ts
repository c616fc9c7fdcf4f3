import { randomUUID } from 'node:crypto';
import { metadataEventType } from './stream-metadata';
import type { Writer } from './writer';

/** What a real server writes to a fresh log: it keeps 30 days of what it tells of its scavenges. */
const request = () =>
  ({
    kind: 'append',
    stream: '$$$scavenges',
    expected: 'no-stream',
    events: [
      {
        id: Buffer.from(randomUUID().replaceAll('-', ''), 'hex'),
        type: metadataEventType,
        isJson: true,
        data: Buffer.from('{"$maxAge":2592000}'),
        metadata: Buffer.alloc(0),
      },
    ],
  }) as const;

/**
 * Lets a log begin as that of a real server does: nobody should come to rely on an empty one.
 *
 * @throws Error when it is not known whether it was stored
 */
export const beginLog = async ({ write }: Writer): Promise<void> => {
  const { outcome } = await new Promise<{ readonly outcome: string }>((resolve) =>
    write(request(), resolve),
  );
  if (outcome !== 'appended') throw new Error('storage went away while the log was begun');
};
