import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { logSealKey } from '../../infra/log-seal-keys';
import { privateKeyFile } from './seal-keys';
import { exitCode, type Verb } from '../verb';

const usage = `usage: punctual audit key [--key FILE] [--data-dir DIR]

Prints the public key with which the seals of the log are checked, as PEM, and its id on stderr.

  --key FILE      private key (default PUNCTUAL_LOG_SEAL_KEY_FILE, else log-seal-key.pem in the data folder)
  --data-dir DIR  data folder of a stack on this machine (default PUNCTUAL_DATA_DIR, else .data)

Exit codes: 0 printed; 1 there is no such key; 2 wrong flags.
`;

const run: Verb['run'] = async (args, context) => {
  const { values } = parseArgs({
    args: [...args],
    options: { key: { type: 'string' }, 'data-dir': { type: 'string' } },
  });
  const { keyId, publicPem } = logSealKey(
    await readFile(values.key ?? privateKeyFile(values, context), 'utf8'),
  );
  context.stderr.write(`key ${keyId}\n`);
  context.stdout.write(publicPem);
  return exitCode.done;
};

export const auditKey: Verb = { summary: 'print the public key of the seals', usage, run };
