const { createRequire, isBuiltin } = require('node:module');
const { compileFunction } = require('node:vm');
const { default: Runtime } = require('jest-runtime');
const OneAfterTheOther = require('./one-after-the-other.cjs');

const sourceMaps = new Map();
/** Of the file that runs. */
let transform;
/** What Jest's runner consists of, which it loads for each file; a test file comes once. */
const compiled = new Map();

require.extensions['.ts'] = (module, filename) => module._compile(transform(filename), filename);

const compile = (source, filename, parameters) => {
  if (!filename.includes('/node_modules/'))
    return compileFunction(source, parameters, { filename });
  let known = compiled.get(filename);
  if (known === undefined)
    compiled.set(filename, (known = compileFunction(source, parameters, { filename })));
  return known;
};

/**
 * Jest loads all that a test file imports anew for that file, a second of a core for some. Here a worker loads it
 * once, as Node does: only the test file itself is Jest's.
 */
module.exports = class WorkerRuntime extends Runtime {
  constructor(...args) {
    super(...args);
    const { coreModule, executor, transformCache } = this;
    transformCache.sourceMaps = sourceMaps;
    transform = (filename) => transformCache.transform(filename);
    executor.compile = (source, filename) =>
      compile(source, filename, executor.injectedModuleParameters);
    const builtin = coreModule.require.bind(coreModule);
    coreModule.require = (name) =>
      name === 'node:async_hooks'
        ? { ...builtin(name), AsyncLocalStorage: OneAfterTheOther }
        : builtin(name);
  }

  requireModuleOrMock(from, name) {
    if (name === '@jest/globals' || isBuiltin(name)) return super.requireModuleOrMock(from, name);
    return createRequire(from)(name);
  }
};
