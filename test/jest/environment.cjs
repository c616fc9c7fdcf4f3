const { LegacyFakeTimers, ModernFakeTimers } = require('@jest/fake-timers');
const { ModuleMocker } = require('jest-mock');

const { console, process } = globalThis;
const { exit } = process;

/** Where Jest's runner keeps the tests of the file before, who hears of them, and what they set. */
const keptByCircus = new Set([
  'JEST_STATE_SYMBOL',
  'EVENT_HANDLERS',
  'TEST_TIMEOUT_SYMBOL',
  'RETRY_TIMES',
]);

/** Tests run among the globals of their worker, not among copies made for each file: see runtime.cjs. */
module.exports = class WorkerEnvironment {
  global = globalThis;
  moduleMocker = new ModuleMocker(globalThis);

  constructor({ projectConfig: config }) {
    const { global, moduleMocker } = this;
    for (const key of Object.getOwnPropertySymbols(globalThis))
      if (keptByCircus.has(key.description)) delete globalThis[key];
    this.env = { ...process.env };
    const timerConfig = { idToRef: (id) => id, refToId: (timer) => timer };
    this.fakeTimers = new LegacyFakeTimers({ config, global, moduleMocker, timerConfig });
    this.fakeTimersModern = new ModernFakeTimers({ config, global });
  }

  setup() {
    return Promise.resolve();
  }

  /** What Jest and the tests of a file have changed is as it was for the next one. */
  teardown() {
    this.fakeTimersModern.dispose();
    Object.assign(globalThis, { console });
    process.exit = exit;
    for (const name of Object.keys(process.env)) if (!(name in this.env)) delete process.env[name];
    Object.assign(process.env, this.env);
    return Promise.resolve();
  }

  exportConditions() {
    return ['node', 'node-addons'];
  }

  getVmContext() {
    return globalThis;
  }
};
