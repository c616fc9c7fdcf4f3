import type { Handler, Routes } from '../transport/call';
import { encodeSupportedMethods } from '../wire/responses';
import { batchAppend } from './batch-append';
import type { HandlerDeps } from './deps';
import { onlyRequest } from './only-request';
import { read } from './read';
import { append, softDelete, tombstone } from './write';

const streams = 'event_store.client.streams.Streams';
const features = 'event_store.client.server_features.ServerFeatures';

/** All that is served; every other method is UNIMPLEMENTED. */
export const routesOf = (deps: HandlerDeps): Routes => {
  const methods: Readonly<Record<string, Handler>> = {
    Read: read(deps),
    Append: append(deps),
    BatchAppend: batchAppend(deps),
    Delete: softDelete(deps),
    Tombstone: tombstone(deps),
  };
  const supported = encodeSupportedMethods(
    Object.keys(methods).map((method) => ({ service: streams, method: method.toLowerCase() })),
  );
  const getSupportedMethods: Handler = async (call) => {
    await onlyRequest(call);
    call.send([supported]);
  };
  return new Map([
    ...Object.entries(methods).map(
      ([method, handler]) => [`/${streams}/${method}`, handler] as const,
    ),
    [`/${features}/GetSupportedMethods`, getSupportedMethods] as const,
  ]);
};
