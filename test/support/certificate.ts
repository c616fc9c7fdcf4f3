import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { tempFolder } from './temp-folder';

export type TestCertificate = {
  readonly cert: string;
  readonly key: string;
  /** The certificate as a file: its own authority, so what clients take as `tlsCAFile`. */
  readonly file: string;
  readonly keyFile: string;
  readonly remove: () => Promise<void>;
};

/** A certificate of its own for `localhost` and `127.0.0.1`, made by the openssl of the machine. */
export const selfSigned = async (): Promise<TestCertificate> => {
  const { path, remove } = await tempFolder('certificate');
  const file = join(path, 'cert.pem');
  const keyFile = join(path, 'key.pem');
  const asked = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  const named = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const written = ['-nodes', '-days', '2', '-keyout', keyFile, '-out', file];
  await promisify(execFile)('openssl', [...asked, ...named, ...written]);
  const [cert, key] = await Promise.all([readFile(file, 'utf8'), readFile(keyFile, 'utf8')]);
  return { cert, key, file, keyFile, remove };
};
