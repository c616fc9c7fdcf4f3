import type { EventStoreDBClient } from '@eventstore/db-client';

/** What the client asked when it connected; protected in its types. */
type Hidden = { readonly capabilities: Promise<{ readonly serverVersion: string }> };

const UNKNOWN = 'unknown';

/** Undefined for a server that did not say. */
export const eventStoreVersion =
  (client: EventStoreDBClient) => async (): Promise<string | undefined> => {
    const { serverVersion } = await (client as unknown as Hidden).capabilities;
    return serverVersion === UNKNOWN || serverVersion === '' ? undefined : serverVersion;
  };
