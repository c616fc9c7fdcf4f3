import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve, sep } from 'node:path';
import { performance } from 'node:perf_hooks';
import { clearTimeout, setTimeout } from 'node:timers';
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import {
  determineHitLimitReached,
  DryRunStatus,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner';

const require = createRequire(import.meta.url);
const { Module } = require('node:module');
const swc = require('@swc/core');
const { bind } = require('jest-each');
const { expect } = require('expect');
const mock = require('jest-mock');

/** A test that takes so much longer than it did is one that waits for what the mutant has taken away. */
const timeoutMs = ({ timeSpentMs }) =>
  timeSpentMs === undefined ? 60_000 : 1_500 + 10 * timeSpentMs;

/** How long each test took in the first run, for the processes that did not make it. */
const TIMES_FILE = '.test-times.json';

/** Reads TypeScript as Jest's transform does, without its registry: modules stay loaded from one mutant to the next. */
const compileTypeScript = (options) => {
  Module._extensions['.ts'] = (module, filename) => {
    const { code } = swc.transformFileSync(filename, { ...options, filename, sourceMaps: false });
    module._compile(code, filename);
  };
};

const testFilesIn = (folder) =>
  readdirSync(folder, { recursive: true })
    .map((name) => join(folder, name))
    .filter((name) => name.endsWith('.test.ts'));

/** Jest's globals, as far as unit tests use them. */
const collector = () => {
  let block;
  const rootOf = (file) => ({
    name: '',
    file,
    parent: undefined,
    first: [],
    before: [],
    after: [],
  });
  const tests = [];
  const test = (name, run) => {
    const names = [name];
    const blocks = [];
    for (let each = block; each; each = each.parent) {
      if (each.name) names.unshift(each.name);
      blocks.unshift(each);
    }
    tests.push({ id: `${blocks[0].file} ${names.join(' ')}`, name: names.join(' '), run, blocks });
  };
  const describe = (name, define) => {
    const parent = block;
    block = { ...rootOf(parent.file), name, parent };
    define();
    block = parent;
  };
  test.each = bind(test, false);
  describe.each = bind(describe, false);
  Object.assign(globalThis, {
    test,
    describe,
    expect,
    jest: { fn: mock.fn, setTimeout: () => undefined },
    beforeAll: (run) => block.first.push(run),
    beforeEach: (run) => block.before.push(run),
    afterEach: (run) => block.after.unshift(run),
  });
  return {
    load: (file) => {
      block = rootOf(file);
      require(resolve(file));
    },
    tests,
  };
};

const withTimeout = async (run, ms) => {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('the test takes too long')), ms);
  });
  try {
    await Promise.race([run(), late]);
  } finally {
    clearTimeout(timer);
  }
};

/** @param begun  blocks of which a test has run, with the same mutant */
const runTest = async (one, begun) => {
  const { run, blocks } = one;
  // what comes before and after each test may wait for ever too; what comes before all took its time in another test
  const inTime = (work) => withTimeout(async () => await work(), timeoutMs(one));
  try {
    for (const block of blocks) {
      if (!begun.has(block)) for (const each of block.first) await each();
      begun.add(block);
    }
    for (const { before } of blocks) for (const each of before) await inTime(each);
    await inTime(run);
  } finally {
    for (const { after } of blocks.toReversed()) for (const each of after) await inTime(each);
  }
};

/**
 * Runs the tests of a mutant in one process, the quickest first, until one fails. Stryker's runner for Jest loads every
 * test file that has to do with the mutated one again for each mutant and runs all of its tests: seconds instead
 * of milliseconds. A module that keeps something in a variable keeps it from mutant to mutant here: see docs/mutants.md.
 */
class InProcessRunner {
  static inject = ['options'];
  #options;
  #tests = [];
  #ns = (globalThis.__stryker__ ??= {});

  constructor({ inProcess }) {
    this.#options = inProcess;
  }

  capabilities() {
    return { reloadEnvironment: true };
  }

  init() {
    process.env.NODE_ENV = 'test';
    process.on('unhandledRejection', () => undefined); // of a test that has failed already
    process.on('uncaughtException', () => undefined);
    compileTypeScript({ ...this.#options.transform, swcrc: false });
    this.#load();
  }

  #load() {
    const inside = process.cwd() + sep;
    for (const name of Object.keys(require.cache))
      if (name.startsWith(inside) && !name.includes('node_modules')) delete require.cache[name];
    const { load, tests } = collector();
    for (const root of this.#options.roots) for (const file of testFilesIn(root).sort()) load(file);
    this.#tests = tests;
  }

  /** Puts the quickest tests first. */
  #sort() {
    const times = JSON.parse(readFileSync(TIMES_FILE, 'utf8'));
    this.#tests = this.#tests
      .map((one) => ({ ...one, timeSpentMs: times[one.id] }))
      .sort((a, b) => a.timeSpentMs - b.timeSpentMs);
  }

  async #run(tests, bails) {
    const results = [];
    const begun = new Set();
    for (const one of tests) {
      const { id, name, blocks } = one;
      this.#ns.currentTestId = id;
      const startMs = performance.now();
      const told = () => ({
        id,
        name,
        fileName: resolve(blocks[0].file),
        timeSpentMs: performance.now() - startMs,
      });
      try {
        await runTest(one, begun);
        results.push({ ...told(), status: TestStatus.Success });
      } catch (error) {
        results.push({ ...told(), status: TestStatus.Failed, failureMessage: String(error) });
        if (bails) break;
      } finally {
        this.#ns.currentTestId = undefined;
      }
    }
    return { status: DryRunStatus.Complete, tests: results };
  }

  async dryRun() {
    this.#ns.activeMutant = undefined;
    const result = await this.#run(this.#tests, false);
    const times = result.tests.map(({ id, timeSpentMs }) => [id, timeSpentMs]);
    writeFileSync(TIMES_FILE, JSON.stringify(Object.fromEntries(times)));
    return { ...result, mutantCoverage: this.#ns.mutantCoverage };
  }

  async mutantRun({ activeMutant, testFilter, hitLimit, reloadEnvironment, mutantActivation }) {
    const ns = this.#ns;
    const wanted = testFilter && new Set(testFilter);
    if (mutantActivation === 'static') ns.activeMutant = activeMutant.id;
    if (reloadEnvironment) this.#load();
    if (this.#tests[0]?.timeSpentMs === undefined) this.#sort();
    ns.activeMutant = activeMutant.id;
    ns.hitCount = hitLimit ? 0 : undefined;
    ns.hitLimit = hitLimit;
    try {
      const tests = this.#tests.filter(({ id }) => !wanted || wanted.has(id));
      const result = await this.#run(tests, true);
      const timeOut = determineHitLimitReached(ns.hitCount, ns.hitLimit);
      return toMutantRunResult(timeOut ?? result, false);
    } finally {
      ns.activeMutant = undefined;
      ns.hitLimit = undefined;
    }
  }
}

export const strykerPlugins = [
  declareClassPlugin(PluginKind.TestRunner, 'in-process', InProcessRunner),
];
