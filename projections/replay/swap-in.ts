import { sendOne } from '../writing/write-session';
import { followClosely, follower } from './follower';
import { isKnown, projection, type Running } from './running';
import { dropSchema } from './shadow';
import { isLockTimeout, oldSchemaOf, swap } from './swap';

const SWAP_TRIES = 200;
const SHADOW_LOCK_TIMEOUT_MS = 300;
/** Who used the tables for too long gets as much time to finish before the next try. */
const SWAP_PAUSE_MS = 500;

const trySwap = async (running: Running): Promise<bigint> => {
  const follows = await follower(running); // one that has failed is worth nothing any more
  const { writer, follow } = follows;
  await followClosely(follows);
  await swap({
    ...running,
    projection,
    position: writer.position,
    isKnown: (mark) => isKnown(running, mark),
    follow: async (upTo) => {
      await follow(upTo);
    },
  });
  return writer.position();
};

/** Exchanges the tables, again and again while somebody uses them. @returns the position of those that are live now */
export const swapIn = async (running: Running): Promise<bigint> => {
  const { control, session, shadow, pause, signal } = running;
  await dropSchema(control, oldSchemaOf(shadow));
  // a projector that makes a partition may wait for the exchange, which then must not wait for it
  await sendOne(session, { text: `set lock_timeout = ${SHADOW_LOCK_TIMEOUT_MS}` });
  for (let i = 1; ; i++) {
    signal.throwIfAborted();
    try {
      const position = await trySwap(running);
      await dropSchema(control, oldSchemaOf(shadow));
      return position;
    } catch (error) {
      if (!isLockTimeout(error) || i === SWAP_TRIES) throw error;
      await pause(SWAP_PAUSE_MS);
    }
  }
};
