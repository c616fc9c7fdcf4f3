import { createServer } from 'node:http';
import { exportJWK, generateKeyPair, type CryptoKey } from 'jose';

export type Issuer = {
  readonly url: string;
  readonly keyId: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  readonly close: () => Promise<void>;
};

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
