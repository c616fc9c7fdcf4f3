import { createServer } from 'node:http';
import {
  exportJWK,
  generateKeyPair,
  SignJWT,
  type CryptoKey,
  type JWTHeaderParameters,
  type JWTPayload,
} from 'jose';

export type Issuer = {
  readonly url: string;
  readonly keyId: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  readonly close: () => Promise<void>;
};

/** What the product is to expect of tokens in tests. */
export const tokenSettings = ({ url }: Issuer) => ({
  JWKS_URL: url,
  JWT_ISSUER: 'https://id.example',
  JWT_AUDIENCE: 'punctual',
});

/** Of grace, a user, for ten minutes. */
export const tokenClaims = (more: object = {}): JWTPayload => {
  const now = Math.floor(Date.now() / 1_000);
  return {
    sub: 'grace',
    roles: ['user'],
    iss: 'https://id.example',
    aud: 'punctual',
    iat: now,
    exp: now + 600,
    ...more,
  };
};

export const tokenHeader = ({ keyId }: Issuer) => ({ alg: 'RS256', kid: keyId });

/** @param header  that of the issuer unless told */
export const signToken = (
  issuer: Issuer,
  claims: JWTPayload,
  header: JWTHeaderParameters = tokenHeader(issuer),
): Promise<string> => new SignJWT(claims).setProtectedHeader(header).sign(issuer.privateKey);

/** A server that publishes one public key, as an identity provider does. */
export const startIssuer = async (): Promise<Issuer> => {
  const keyId = 'key-1';
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  const keys = [{ ...(await exportJWK(publicKey)), kid: keyId, alg: 'RS256', use: 'sig' }];
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify({ keys }));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/keys`,
    keyId,
    privateKey,
    publicKey,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
};
