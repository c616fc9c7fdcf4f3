/** Jest's globalTeardown: it wants a default export. */
export { stopServers as default } from './servers';
