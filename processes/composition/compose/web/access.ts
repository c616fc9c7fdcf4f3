import { createRemoteJWKSet } from 'jose';
import type { ApiDeps } from '../../../../api/app';
import { authenticator, digestOfKey } from '../../../../api/access/authenticator';
import type { ApiLimits, QueuesOf } from '../../../../api/access/limits';
import { sessions } from '../../../../api/access/sessions';
import type { Signer } from '../../../../domain/signer';
import { systemClock } from '../../../../infra/clock';
import type { Config } from '../../../settings/config';

const LIVE_STREAMS_PER_PRINCIPAL = 20;
const MINUTE_MS = 60_000;

/** Who asks, by keys, sessions and JWTs. */
const identitiesOf = (
  { apiKeys: named, JWKS_URL, JWT_ISSUER, JWT_AUDIENCE }: Config,
  signer: Signer,
): Pick<ApiDeps, 'authenticate' | 'sessions'> => {
  const apiKeys = named.map(({ key, principalId, role }) => ({
    keyDigest: digestOfKey(key),
    principalId,
    role,
  }));
  const ofBrowsers = sessions({ signer, clock: systemClock, apiKeys });
  const jwt = JWKS_URL !== undefined && {
    getKey: createRemoteJWKSet(new URL(JWKS_URL)),
    ...(JWT_ISSUER !== undefined && { issuer: JWT_ISSUER }),
    ...(JWT_AUDIENCE !== undefined && { audience: JWT_AUDIENCE }),
  };
  return {
    sessions: ofBrowsers,
    authenticate: authenticator(
      { apiKeys, findSession: ofBrowsers.find, ...(jwt && { jwt }) },
      systemClock,
    ),
  };
};

const limitsOf = ({
  RATE_LIMIT_PER_MINUTE,
  PENDING_JOBS_PER_OWNER,
  SCHEDULES_PER_OWNER,
  OPERATIONS_PER_OWNER,
  WEBHOOKS_PER_OWNER,
  ALLOW_PRIVATE_TARGETS,
  locationSchemes,
}: Config): ApiLimits => ({
  requests: { kind: 'limited', max: RATE_LIMIT_PER_MINUTE, windowMs: MINUTE_MS },
  pendingJobs: { kind: 'limited', max: PENDING_JOBS_PER_OWNER },
  schedulesPerOwner: { kind: 'limited', max: SCHEDULES_PER_OWNER },
  openOperations: { kind: 'limited', max: OPERATIONS_PER_OWNER },
  webhooksPerOwner: { kind: 'limited', max: WEBHOOKS_PER_OWNER },
  liveStreams: LIVE_STREAMS_PER_PRINCIPAL,
  allowPrivateTargets: ALLOW_PRIVATE_TARGETS,
  locationSchemes,
});

const queuesOf = ({ ownerQueues }: Config): QueuesOf => {
  const byOwner = new Map(ownerQueues.map(({ ownerId, queues }) => [ownerId, queues]));
  const others = byOwner.get('*') ?? 'any';
  return (ownerId) => byOwner.get(ownerId) ?? others;
};

/** Who may ask, from where, and for how much. */
export const accessOf = (config: Config, signer: Signer) =>
  ({
    ...identitiesOf(config, signer),
    signer,
    publicUrl: config.PUBLIC_URL,
    corsOrigins: config.corsOrigins,
    limits: limitsOf(config),
    queuesOf: queuesOf(config),
    metricsAccess: 'loopback',
  }) satisfies Partial<ApiDeps>;
