const { default: Sequencer } = require('@jest/test-sequencer');

/**
 * Jest begins with the longest as far as it remembers how long each took, and in a fresh clone with the largest
 * file, which tells nothing: a whole stack that starts last would leave all other workers idle.
 */
const projects = ['chaos', 'e2e', 'integration', 'conformance', 'contract', 'architecture'];
const rank = ({ context }) => {
  const place = projects.indexOf(context.config.displayName?.name);
  return place < 0 ? projects.length : place;
};

module.exports = class SlowestFirst extends Sequencer {
  sort(tests) {
    return super.sort(tests).sort((one, other) => rank(one) - rank(other));
  }
};
