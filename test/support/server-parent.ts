import { join } from 'node:path';
import { startNats } from '../../embedded/nats';
import { startPostgres } from '../../embedded/postgres';
import { throwAwaySettings } from './prepared-postgres';

/** A program that starts both servers, says their process ids, and lives until it is killed. */
const main = async (): Promise<void> => {
  const [folder = ''] = process.argv.slice(2);
  const settings = { ...throwAwaySettings, shared_buffers: '16MB' };
  const postgres = await startPostgres({ dataDir: join(folder, 'postgres'), settings });
  const nats = await startNats({ storeDir: join(folder, 'nats') });
  process.stdout.write(`${JSON.stringify({ postgres: postgres.pid, nats: nats.pid })}\n`);
};

void main();
