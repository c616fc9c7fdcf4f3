import { createRequire } from 'node:module';
import type { Writable } from 'node:stream';
import type { EventStoreDBClient } from '@eventstore/db-client';
import { UnavailableError } from '@eventstore/db-client';

// Defects of @eventstore/db-client 6.2.1, mended from outside; a test shows each. Look again at every upgrade.

/** A module of the client; its callers look the function up here at each call. */
type Backpressure = { backpressuredWrite: (stream: Writable, data: unknown) => Promise<void> };

type Channel = { readonly close: () => void };

/** Protected in the client's types, and the only way to do what this module does. */
type ClientInside = {
  readonly getChannel: () => Promise<Channel>;
  readonly handleError: (
    caller: { readonly getChannel: () => Channel },
    error: Error,
  ) => Promise<void>;
};

const inside = (client: EventStoreDBClient): ClientInside => client as unknown as ClientInside; // the class hides these members from everybody but subclasses

/**
 * Keeps a broken stream of appends from ending the process.
 *
 * When that stream breaks while writes wait for it to drain (a frozen server, a black hole), the client
 * rejects the promises of those writes inside `new Promise(async …)`, where nobody can catch them. The
 * appends themselves are rejected elsewhere, so a write that fails may simply stay pending.
 */
export const mendBackpressuredWrite = (): void => {
  // not by `import`: some compilers wrap what they import, and the module itself is wanted
  const backpressure = createRequire(__filename)(
    '@eventstore/db-client/dist/utils/backpressuredWrite',
  ) as Backpressure; // `require` has no types
  const write = backpressure.backpressuredWrite;
  backpressure.backpressuredWrite = async (stream, data) => {
    try {
      await write(stream, data);
    } catch {
      await new Promise(() => undefined);
    }
  };
};

/**
 * Makes the client connect anew with its next call; streams under way go on over the old connection.
 *
 * The client keeps the promise of its first question to a server (what do you support?) and asks again only
 * after UNAVAILABLE or CANCELLED: any other failure of that call is every later append's answer.
 */
export const reconnect = async (client: EventStoreDBClient): Promise<void> => {
  const { getChannel, handleError } = inside(client);
  const channel = await getChannel();
  await handleError({ getChannel: () => channel }, new UnavailableError());
};

/** Closes the channel and so the socket, which the client's own `dispose` leaves open. */
export const closeChannel = async (client: EventStoreDBClient): Promise<void> => {
  const channel = await inside(client)
    .getChannel()
    .catch(() => undefined); // no node of a cluster was found, so nothing is open
  channel?.close();
};
