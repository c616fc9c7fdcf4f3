import type { Story } from '../http/answers';
import { useSystem } from '../system/use-system';
import { count } from '../time/format';
import { Moment } from '../time/moment';

const eventsText = (events: number): string =>
  `${count(events)} ${events === 1 ? 'event' : 'events'}`;

/** How many of a job's events lie in sealed blocks of the log; operators alone are told how far that is. */
export const Sealed = ({ steps }: { readonly steps: Story['steps'] }) => {
  const { data } = useSystem();
  const seal = data?.seal;
  if (!seal) return seal === null ? <p className="soft">The log has no seal yet.</p> : null;
  const covered = steps.filter(({ position }) => BigInt(position) <= BigInt(seal.position)).length;
  return (
    <p>
      {covered === steps.length
        ? `All ${eventsText(steps.length)} are sealed`
        : `${covered === 0 ? 'None' : count(covered)} of ${eventsText(steps.length)} ${covered === 1 ? 'is' : 'are'} sealed yet`}
      : the log is up to position {seal.position}, block {count(seal.block)}, since{' '}
      <Moment at={seal.sealedAt} />.
    </p>
  );
};
