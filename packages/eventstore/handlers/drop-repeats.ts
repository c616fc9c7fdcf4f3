import type { Writer } from '../core/writer';
import { unknown } from '../core/write-queue';

/** The real server gives a write up after so long. */
const giveUpAfterMs = 3_000;

/** An append that comes again while the first is under way is dropped, and answered as unknown in the end. */
export const dropRepeats = (write: Writer['write']): Writer['write'] => {
  const underWay = new Set<string>();
  return (request, settle) => {
    const [first] = request.kind === 'append' ? request.events : [];
    if (!first) {
      write(request, settle);
      return;
    }
    const append = `${first.id.toString('hex')} ${request.stream}`;
    if (underWay.has(append)) {
      setTimeout(() => settle(unknown), giveUpAfterMs).unref();
      return;
    }
    underWay.add(append);
    write(request, (outcome) => {
      underWay.delete(append);
      settle(outcome);
    });
  };
};
