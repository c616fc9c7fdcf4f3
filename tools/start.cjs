'use strict';
/**
 * Runs a program of dist/ with V8's compiled code of an earlier run, which lies beside it: parsing seven megabytes
 * is a quarter of what a start takes. Node 22 has this built in (`module.enableCompileCache`).
 *
 * Whoever finds no code that fits (a new build, other flags of V8) leaves his own when he ends; where the folder may
 * not be written, each start compiles.
 */
const { Buffer } = require('node:buffer');
const { createHash } = require('node:crypto');
const { readFileSync, renameSync, rmSync, writeFileSync } = require('node:fs');
const { Module } = require('node:module');
const { dirname } = require('node:path');
const { cachedDataVersionTag } = require('node:v8');
const { constants, Script } = require('node:vm');

const DIGEST_BYTES = 32;
const digest = (code) => createHash('sha256').update(code).digest();

/** V8 looks at the head of the code only, and dies of damage behind it, as a power cut leaves it. */
const sound = (file) => {
  try {
    const left = readFileSync(file);
    const code = left.subarray(DIGEST_BYTES);
    return digest(code).equals(left.subarray(0, DIGEST_BYTES)) ? code : undefined;
  } catch {
    return undefined;
  }
};

/** Whole or not at all: others may start meanwhile. */
const leave = (file, code) => {
  const draft = `${file}.${process.pid}`;
  try {
    writeFileSync(draft, Buffer.concat([digest(code), code]));
    renameSync(draft, file);
  } catch {
    rmSync(draft, { force: true });
  }
};

/**
 * @param program  a CommonJS file in ASCII
 * @param build    tells builds apart: V8 itself compares no more of a program than its length
 */
module.exports = (program, build, caller) => {
  const codeFile = `${program}.${build}.${cachedDataVersionTag()}.code`;
  const cachedData = sound(codeFile);
  const script = new Script(Module.wrap(readFileSync(program, 'latin1')), {
    filename: program,
    cachedData,
    importModuleDynamically: constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  if (cachedData === undefined || script.cachedDataRejected)
    process.once('exit', () => leave(codeFile, script.createCachedData()));
  const run = script.runInThisContext();
  run.call(
    caller.exports,
    caller.exports,
    Module.createRequire(program),
    caller,
    program,
    dirname(program),
  );
};
