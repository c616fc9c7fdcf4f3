/** All that others may import of this package; `main.ts` beside it is the program for a child process. */
export { runEventStoreProgram } from './program';
export {
  startEventStoreServer,
  type EventStoreServer,
  type EventStoreServerOptions,
} from './server';
