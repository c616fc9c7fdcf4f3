import { createHash } from 'node:crypto';
import { nkeys } from 'nats';

type KeyPair = {
  readonly getPublicKey: () => string;
  readonly getSeed: () => Uint8Array;
  readonly sign: (data: Uint8Array) => Uint8Array;
};

/** The client passes them on without their types. */
const keys = nkeys as {
  readonly createOperator: () => KeyPair;
  readonly createAccount: () => KeyPair;
  readonly createUser: () => KeyPair;
};

const base64url = (data: Uint8Array | string): string => Buffer.from(data).toString('base64url');
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

const jwt = (
  issuer: KeyPair,
  subject: string,
  name: string,
  claims: Readonly<Record<string, unknown>>,
): string => {
  const body = {
    iss: issuer.getPublicKey(),
    sub: subject,
    name,
    iat: Math.floor(Date.now() / 1_000),
    nats: { version: 2, ...claims },
  };
  const jti = createHash('sha256').update(JSON.stringify(body)).digest('base64url');
  const head = base64url(JSON.stringify({ typ: 'JWT', alg: 'ed25519-nkey' }));
  const signed = `${head}.${base64url(JSON.stringify({ ...body, jti }))}`;
  return `${signed}.${base64url(issuer.sign(encode(signed)))}`;
};

/** An operator, an account with JetStream and a user in it, as `nsc` makes them. */
export const natsOperator = (): { readonly config: string; readonly creds: string } => {
  const [operator, system, account, user] = [
    keys.createOperator(),
    keys.createAccount(),
    keys.createAccount(),
    keys.createUser(),
  ];
  const noLimits = { subs: -1, data: -1, payload: -1 };
  const accountLimits = {
    ...noLimits,
    ...{ imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 },
  };
  const storage = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };
  const accountJwt = (pair: KeyPair, name: string, more: object): string =>
    jwt(operator, pair.getPublicKey(), name, {
      type: 'account',
      limits: { ...accountLimits, ...more },
    });
  const userJwt = jwt(account, user.getPublicKey(), 'punctual', { type: 'user', ...noLimits });
  const seed = new TextDecoder().decode(user.getSeed());
  return {
    config: [
      `operator: ${jwt(operator, operator.getPublicKey(), 'operator', { type: 'operator' })}`,
      `system_account: ${system.getPublicKey()}`,
      'resolver: MEMORY',
      'resolver_preload: {',
      `  ${system.getPublicKey()}: ${accountJwt(system, 'SYS', {})}`,
      `  ${account.getPublicKey()}: ${accountJwt(account, 'APP', storage)}`,
      '}',
    ].join('\n'),
    creds: `-----BEGIN NATS USER JWT-----
${userJwt}
------END NATS USER JWT------

-----BEGIN USER NKEY SEED-----
${seed}
------END USER NKEY SEED------
`,
  };
};
