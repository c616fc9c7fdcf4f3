import { httpUser, type HttpUser } from '../../support/http';
import { startRunningStack, type RunningStack } from '../../support/running-stack';

// the parts of operators.test.ts share one stack: a start of it takes 7 s of a core. This comes before all other hooks

/** An executor that was killed with a job in hand is missed within seconds. */
const quickToNotice = { HEARTBEAT_MS: '500', EXECUTOR_SILENT_MS: '8000', START_TIMEOUT_MS: '2000' };

let running: RunningStack | undefined;

/** With the keys that it makes by itself, as a newcomer has it. */
beforeAll(async () => {
  running = await startRunningStack({
    hasOwnKeys: true,
    env: { ARCHIVE_EVERY_MS: '200', ...quickToNotice },
  });
});

/** After all other hooks. */
export const stopStack = async (): Promise<void> => {
  await running?.stop();
};

/** @throws Error before the tests of the file have begun */
export const stack = (): RunningStack => {
  if (!running) throw new Error('the stack is not up');
  return running;
};

/** Starts it again, once it has stopped or was killed. */
export const startAgain = async (): Promise<void> => {
  const { dataDir, httpUrl } = stack();
  running = await startRunningStack({
    dataDir,
    hasOwnKeys: true,
    env: { ARCHIVE_EVERY_MS: '200', ...quickToNotice, HTTP_PORT: new URL(httpUrl).port },
  });
};

/** `me` is its user, `operator` its operator. */
export const userOf = (principal: 'me' | 'operator'): HttpUser =>
  httpUser(stack().httpUrl, stack().keyOf(principal));
