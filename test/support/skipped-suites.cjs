/** Tells the tests of a file in which all are skipped: Jest's own reporter passes over such a file without a word. */
module.exports = class SkippedSuites {
  onTestResult(test, { skipped, testResults }) {
    if (!skipped) return;
    const names = testResults.map(({ fullName }) => `  ○ skipped ${fullName}\n`);
    process.stderr.write(`SKIP ${test.path}\n${names.join('')}`);
  }
};
