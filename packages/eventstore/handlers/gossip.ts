import type { Handler } from '../transport/call';
import { encodeClusterOfOne } from '../wire/responses';
import { onlyRequest } from './only-request';

export type Address = { readonly host: string; readonly port: number };

/** The address by which a client reached us, from the `:authority` of its call. */
const reachedBy = (authority: string | undefined): Address | undefined => {
  const [, bracketed, plain, port] =
    /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(authority ?? '') ?? [];
  const host = bracketed ?? plain;
  return host === undefined ? undefined : { host, port: Number(port) };
};

export type GossipDeps = {
  readonly instanceId: string;
  /** What to tell instead of the address by which a client came. */
  readonly advertised: Address | undefined;
  /** What to tell a client that named no port. */
  readonly listening: () => Address;
  readonly nowMs: () => number;
};

/** Gossip of a cluster of one: ourselves, alive and the leader. */
export const gossip =
  ({ instanceId, advertised, listening, nowMs }: GossipDeps): Handler =>
  async (call) => {
    await onlyRequest(call);
    const address = advertised ?? reachedBy(call.header(':authority')) ?? listening();
    call.send([encodeClusterOfOne({ instanceId, nowMs: nowMs(), ...address })]);
  };
