const { createRequire, isBuiltin } = require('node:module');
const { compileFunction } = require('node:vm');
const { default: Runtime } = require('jest-runtime');

const sourceMaps = new Map();
/** Of the file that runs. */
let transform;

require.extensions['.ts'] = (module, filename) => module._compile(transform(filename), filename);

/**
 * Jest loads all that a test file imports anew for that file, a second of a core for some. Here a worker loads it
 * once, as Node does: only the test file itself is Jest's.
 */
module.exports = class WorkerRuntime extends Runtime {
  constructor(...args) {
    super(...args);
    const { executor, transformCache } = this;
    transformCache.sourceMaps = sourceMaps;
    transform = (filename) => transformCache.transform(filename);
    executor.compile = (source, filename) =>
      compileFunction(source, executor.injectedModuleParameters, { filename });
  }

  requireModuleOrMock(from, name) {
    if (name === '@jest/globals' || isBuiltin(name)) return super.requireModuleOrMock(from, name);
    return createRequire(from)(name);
  }
};
