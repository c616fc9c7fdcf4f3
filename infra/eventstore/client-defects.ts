import { createRequire } from 'node:module';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Writable } from 'node:stream';
import type { EventStoreDBClient } from '@eventstore/db-client';
import { UnavailableError } from '@eventstore/db-client';
import { within } from '../within';

// Defects of @eventstore/db-client 6.2.1, mended from outside; a test shows each. Look again at every upgrade.

/** A module of the client; its callers look the function up here at each call. */
type Backpressure = { backpressuredWrite: (stream: Writable, data: unknown) => Promise<void> };

type Channel = { readonly close: () => void };

/** Protected in the client's types, and the only way to do what this module does. */
type ClientInside = {
  createChannel: () => Promise<Channel>;
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

type Listener = (...told: unknown[]) => void;
type Emitter = { on: (event: string, listener: Listener) => Emitter };

/** The generated class of gRPC calls; the client looks the method up there at each call. */
type GeneratedStreams = {
  readonly StreamsClient: { readonly prototype: { batchAppend: (...args: unknown[]) => Emitter } };
};

/**
 * Keeps an answer that nobody waits for any more from ending the process.
 *
 * The client keeps the appends that wait for an answer in one place, whatever stream or server they were sent to,
 * and when one stream of appends breaks it rejects and forgets all of them. The answer to one of the others then
 * finds nobody, and the client throws where nobody can catch it.
 */
export const mendForgottenAnswers = (): void => {
  const { StreamsClient } = createRequire(__filename)(
    '@eventstore/db-client/generated/streams_grpc_pb',
  ) as GeneratedStreams; // `require` has no types
  const { prototype } = StreamsClient;
  const { batchAppend } = prototype;
  prototype.batchAppend = function (this: unknown, ...args) {
    const stream = batchAppend.apply(this, args);
    const on = stream.on.bind(stream);
    stream.on = (event, listener) =>
      on(event, event === 'data' ? unlessForgotten(listener) : listener);
    return stream;
  };
};

const unlessForgotten =
  (listener: Listener): Listener =>
  (...told) => {
    try {
      listener(...told);
    } catch (error) {
      // what comes of taking the promise of an unknown append apart
      if (!(error instanceof TypeError)) throw error;
    }
  };

type Ask = (client: object) => Promise<unknown>;

/** The client spreads the triple at each question. */
type Features = { readonly ServerFeatures: { readonly createServerFeatures: unknown[] } };

/** How long a server may take to say what it supports. */
const FEATURES_WITHIN_MS = 4_000;

/**
 * Gives the client's first question (what do you support?) a limit: it asks once a connection, without a deadline,
 * and all appends wait for the answer.
 */
export const limitFeaturesQuestion = (withinMs = FEATURES_WITHIN_MS): void => {
  const { ServerFeatures } = createRequire(__filename)(
    '@eventstore/db-client/dist/Client/ServerFeatures',
  ) as Features; // `require` has no types
  const triple = ServerFeatures.createServerFeatures;
  const ask = triple[2] as Ask;
  // late is unavailable, as the client knows it: it connects again
  triple[2] = (client: object) => within(ask(client), withinMs, () => new UnavailableError());
};

/** An IPv6 address and a port with nothing between them but a colon: how the client writes a node that gossip has named. */
const bareIpv6 = /^([0-9a-f]*:[0-9a-f:.]*:[0-9a-f.]*):(\d+)$/i;

/** Puts an IPv6 address of a node in brackets, as gRPC wants it. */
export const mendIpv6Targets = (client: EventStoreDBClient): void => {
  const hidden = client as unknown as { resolveUri: () => Promise<string> }; // protected in its types
  const { resolveUri } = hidden;
  hidden.resolveUri = async () => (await resolveUri()).replace(bareIpv6, '[$1]:$2');
};

/** The client is still looking for a node, and no call has gone over the connection to come. */
const UNDER_WAY = Symbol('under way');

/** When each connection was made, by the clock of `performance.now`. */
const madeAtMs = new WeakMap<Channel, number>();

/** Has the client remember when it made its connection, which `reconnect` asks for. */
export const rememberConnecting = (client: EventStoreDBClient): void => {
  const hidden = inside(client);
  const { createChannel } = hidden;
  hidden.createChannel = async () => {
    const channel = await createChannel();
    madeAtMs.set(channel, performance.now());
    return channel;
  };
};

/**
 * Makes the client connect again with its next call; streams under way go on over the old connection. One that is
 * only being made is left alone: who waited for it in vain knows nothing against it, and who lets it go as soon as it
 * is there finds none as long as the search takes longer than he waits. So is one that was made in the later half of his
 * wait: most of the silence was another's, and to leave the node that was just found means to go back to that one.
 *
 * The client keeps the promise of its first question to a server (what do you support?) and asks again only
 * after UNAVAILABLE or CANCELLED: any other failure of that call is every later append's answer.
 *
 * @param waitingSinceMs  since when somebody has heard nothing, by the clock of `performance.now`
 */
export const reconnect = async (
  client: EventStoreDBClient,
  waitingSinceMs: number,
): Promise<void> => {
  const { getChannel, handleError } = inside(client);
  const channel = await Promise.race([getChannel(), nextTurn(UNDER_WAY)]);
  if (channel === UNDER_WAY) return;
  const halfwayMs = (waitingSinceMs + performance.now()) / 2;
  if ((madeAtMs.get(channel) ?? 0) > halfwayMs) return;
  await handleError({ getChannel: () => channel }, new UnavailableError());
};

/** Closes the channel and so the socket, which the client's own `dispose` leaves open. */
export const closeChannel = async (client: EventStoreDBClient): Promise<void> => {
  const channel = await inside(client)
    .getChannel()
    .catch(() => undefined); // no node of a cluster was found, so nothing is open
  channel?.close();
};
