import { join } from 'node:path';
import type { RunTool } from '../../../../api/routes/tools/run-tool';
import { serverEnv } from '../../../../embedded/child';
import type { WorkerConfig } from '../../shared';
import { toolRunner } from '../../tools';

const COMMAND_LINE = join(__dirname, '..', '..', '..', '..', 'cli', 'main.js');

/** Verbs of the command line for operators, told where servers and keys of the seals are, and which names are ours. */
export const toolsOf = (config: WorkerConfig): RunTool => {
  const { EVENTSTORE_URL, POSTGRES_URL, NATS_URL, SYSTEM_PREFIX, DATA_DIR } = config;
  const { NATS_CA_FILE, NATS_CERT_FILE, NATS_KEY_FILE, NATS_CREDS_FILE, LOG_SEAL_KEY_FILE } =
    config;
  return toolRunner({
    script: COMMAND_LINE,
    env: {
      ...serverEnv,
      ...{ EVENTSTORE_URL, POSTGRES_URL, NATS_URL, SYSTEM_PREFIX, DATA_DIR },
      ...{ NATS_CA_FILE, NATS_CERT_FILE, NATS_KEY_FILE, NATS_CREDS_FILE, LOG_SEAL_KEY_FILE },
    },
  });
};
