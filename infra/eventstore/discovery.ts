import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Endpoint } from './connection-string';

// How @eventstore/db-client 6.2.1 finds a node of a cluster, mended from outside; a test shows each. Look again at every upgrade.

/** By the client's names; its defaults where they are absent. */
type Settings = {
  readonly endpoints?: readonly Endpoint[];
  readonly discover?: Endpoint;
  readonly maxDiscoverAttempts?: number;
  readonly discoveryInterval?: number;
};

/** @param failed  with which the connection before has just been lost */
type Discover = (settings: Settings, credentials: unknown, failed?: Endpoint) => Promise<Endpoint>;

/** A module of the client; its callers look the function up here at each call. */
type Discovery = { discoverEndpoint: Discover };

const MAX_ATTEMPTS = 10;
const INTERVAL_MS = 100;

const isSame = (one: Endpoint, other: Endpoint | undefined): boolean =>
  one.address === other?.address && one.port === other.port;

/** The first node that is named and has not just failed; that one when all who answer name no other; else undefined. */
const firstNamed = (
  asked: readonly Promise<Endpoint>[],
  failed: Endpoint | undefined,
): Promise<Endpoint | undefined> =>
  new Promise((resolve) => {
    let last: Endpoint | undefined;
    const answered = asked.map((answer) =>
      answer.then(
        (node) => {
          last = node;
          if (!isSame(node, failed)) resolve(node);
        },
        () => undefined, // it is silent, or knows of none
      ),
    );
    void Promise.all(answered).then(() => resolve(last));
  });

/**
 * Asks all nodes at once which of them to use, and does not go back to one that has just failed as long as somebody
 * names another. The client by itself asks one after the other, each silent one for its whole time, and takes the
 * word of the first that answers: of one that has not heard yet that the leader is frozen, again and again.
 *
 * Where nobody names any, a node of the connection string is tried as it is, and fails as UNAVAILABLE, which the client
 * recovers from; the error that it throws by itself is kept as the answer to its first question (what do you support?),
 * and with it every later append's.
 */
export const mendDiscovery = (): void => {
  // not by `import`: the module itself is wanted, and some compilers wrap what they import
  const discovery = createRequire(__filename)(
    '@eventstore/db-client/dist/Client/discovery',
  ) as Discovery; // `require` has no types
  const discoverBy = discovery.discoverEndpoint;
  discovery.discoverEndpoint = async (settings, credentials, failed) => {
    const { discover, endpoints = discover ? [discover] : [] } = settings;
    const { maxDiscoverAttempts = MAX_ATTEMPTS, discoveryInterval = INTERVAL_MS } = settings;
    for (let attempt = 1; attempt <= maxDiscoverAttempts; attempt++) {
      const asked = endpoints.map((one) => {
        const only = discover ? { discover: one } : { endpoints: [one] };
        const once = { ...settings, ...only, maxDiscoverAttempts: 1, discoveryInterval: 0 };
        return discoverBy(once, credentials);
      });
      const node = await firstNamed(asked, failed);
      if (node) return node;
      await sleep(discoveryInterval);
    }
    const others = endpoints.filter((one) => !isSame(one, failed));
    const [any] = others.length > 0 ? others : endpoints;
    if (!any) throw new TypeError('a connection string without a host');
    return any;
  };
};
