/** Jest's globalSetup: it wants a default export. */
export { startServers as default } from './servers';
