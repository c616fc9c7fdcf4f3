import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { tempFolder } from './temp-folder';

export type TestCertificate = {
  readonly cert: string;
  readonly key: string;
  /** The certificate as a file: its own authority, so what clients take as `tlsCAFile`. */
  readonly file: string;
  readonly keyFile: string;
  readonly remove: () => Promise<void>;
};

/** A certificate of its own for `localhost` and `127.0.0.1`. */
export const selfSigned = async (): Promise<TestCertificate> => {
  const altNames = [
    { type: 2, value: 'localhost' },
    { type: 7, ip: '127.0.0.1' },
  ] as const;
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keySize: 2048,
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [...altNames] },
    ],
  });
  const { path, remove } = await tempFolder('certificate');
  const file = join(path, 'cert.pem');
  const keyFile = join(path, 'key.pem');
  await Promise.all([writeFile(file, cert), writeFile(keyFile, key)]);
  return { cert, key, file, keyFile, remove };
};
