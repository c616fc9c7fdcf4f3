import type { Access } from '../access/access';
import type { Handler, Routes } from '../transport/call';
import { encodeSupportedMethods } from '../wire/responses';
import { batchAppend } from './batch-append';
import type { HandlerDeps } from './deps';
import { gossip, type GossipDeps } from './gossip';
import { guarded } from './guard';
import { onlyRequest } from './only-request';
import { read } from './read';
import { append, softDelete, tombstone } from './write';

const streams = 'event_store.client.streams.Streams';
const gossiping = 'event_store.client.gossip.Gossip';
const features = 'event_store.client.server_features.ServerFeatures';

export type RoutesDeps = HandlerDeps & {
  readonly gossip: GossipDeps;
  /** Missing when everybody may do everything. */
  readonly access: Access | undefined;
};

/** All that is served; every other method is UNIMPLEMENTED. */
export const routesOf = ({ access, gossip: gossipDeps, ...deps }: RoutesDeps): Routes => {
  const ofStreams = { Read: read, Append: append, BatchAppend: batchAppend };
  const deletions = { Delete: softDelete, Tombstone: tombstone };
  const routes = new Map<string, Handler>();
  for (const [method, handlerOf] of Object.entries({ ...ofStreams, ...deletions }))
    routes.set(
      `/${streams}/${method}`,
      access ? guarded(deps, access, handlerOf) : handlerOf(deps),
    );

  // clients ask these two without credentials, on a secured server too
  routes.set(`/${gossiping}/Read`, gossip(gossipDeps));
  const ownMethod = `/${features}/GetSupportedMethods`;
  const supported = encodeSupportedMethods(
    [...routes.keys(), ownMethod].map((path) => {
      const [, service = '', method = ''] = path.split('/');
      return { service: service.toLowerCase(), method: method.toLowerCase() };
    }),
  );
  return routes.set(ownMethod, async (call) => {
    await onlyRequest(call);
    call.send([supported]);
  });
};
