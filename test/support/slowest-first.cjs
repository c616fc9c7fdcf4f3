const { default: Sequencer } = require('@jest/test-sequencer');

/** What takes half a minute and more, the longest first. */
const longest = [
  'e2e/console',
  'chaos/one-of-each',
  'chaos/two-of-each',
  'e2e/operators',
  'e2e/users',
  'chaos/clock-jumps',
  'chaos/full-disks',
  'integration/infra/eventstore/silent-servers',
  'integration/processes/shares',
  'integration/processes/rescue-broker',
  'integration/processes/planning/year',
  'chaos/lost-members',
].map((name) => `/test/${name}.test.ts`);

/**
 * Jest begins with the longest as far as it remembers how long each took, and in a fresh clone with the largest
 * file, which tells nothing: a whole stack that starts last would leave all other workers idle.
 */
const projects = ['chaos', 'e2e', 'integration', 'conformance', 'contract', 'architecture'];
const rank = ({ context, path }) => {
  const among = longest.findIndex((name) => path.endsWith(name));
  if (among >= 0) return among - longest.length;
  const place = projects.indexOf(context.config.displayName?.name);
  return place < 0 ? projects.length : place;
};

module.exports = class SlowestFirst extends Sequencer {
  sort(tests) {
    return super.sort(tests).sort((one, other) => rank(one) - rank(other));
  }
};
