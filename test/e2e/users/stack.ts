import { startIssuer, tokenSettings, type Issuer } from '../../support/jwks';
import { httpUser, type HttpUser } from '../../support/http';
import { startRunningStack, type RunningStack } from '../../support/running-stack';

// the parts of users.test.ts share one stack: a start of it takes 7 s of a core. This comes before all other hooks

let issuer: Issuer;
let running: RunningStack | undefined;

/** So crowded is no minute but the one that wants to be. */
export const CROWDED_MINUTE_JOBS = 200;

beforeAll(async () => {
  issuer = await startIssuer();
  running = await startRunningStack({
    env: {
      // quick to look and slow to give up: a busy machine takes seconds for what should take none
      ...{ START_TIMEOUT_MS: '1000', RESCUE_PERIOD_MS: '500', ARCHIVE_EVERY_MS: '1000' },
      ...{ HEARTBEAT_MS: '500', EXECUTOR_SILENT_MS: '15000' },
      ...tokenSettings(issuer),
      ...{ CROWDED_MINUTE_JOBS: String(CROWDED_MINUTE_JOBS), CROWDED_REFRESH_MS: '1000' },
      ...{ OWNER_QUEUES: 'dan=mail', QUEUE_RATE_PER_SECOND: '500' },
      // a tenth of it on a machine that is busy with tests
      ...{ UNSERVED_QUEUE_MS: '2000', OPERATION_RATE: '2000' },
    },
  });
});

/** After all other hooks. */
export const stopStack = async (): Promise<void> => {
  await running?.stop();
  await issuer.close();
};

/** @throws Error before the tests of the file have begun */
export const stack = (): RunningStack => {
  if (!running) throw new Error('the stack is not up');
  return running;
};

export const issuerOfTokens = (): Issuer => issuer;

export const userOf = (principal: string): HttpUser =>
  httpUser(stack().httpUrl, stack().keyOf(principal));
