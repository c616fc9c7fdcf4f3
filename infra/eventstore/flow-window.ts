import type { EventStoreDBClient } from '@eventstore/db-client';

/**
 * What a server may send before it must hear that it was read. HTTP/2's 64 KiB are some hundred events: server
 * and reader then wait for each other all the time, which costs a scan of the log a tenth of its speed.
 */
const WINDOW_BYTES = 1024 * 1024;

/** Of @grpc/grpc-js 1.14: what connects, later, with these options. */
type Channel = { readonly internalChannel?: { readonly options?: Record<string, unknown> } };

type ClientInside = { createChannel: () => Promise<Channel> };

/** Gives each connection of a client a wider window; the client itself passes no such options on. */
export const widenFlowWindow = (client: EventStoreDBClient): void => {
  const inside = client as unknown as ClientInside; // the class hides the member from everybody but subclasses
  const { createChannel } = inside;
  inside.createChannel = async () => {
    const channel = await createChannel();
    const options = channel.internalChannel?.options;
    if (options) options['grpc-node.flow_control_window'] = WINDOW_BYTES;
    return channel;
  };
};
