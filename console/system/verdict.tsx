import type { Queue } from '../http/answers';
import { useNow } from '../time/now';
import { useZone } from '../time/zone';
import { judged } from './judged';
import type { Readiness } from './readiness';

type VerdictProps = {
  readonly readiness: Readiness | undefined;
  /** Undefined when they cannot be read. */
  readonly queues: readonly Queue[] | undefined;
  readonly isLooking: boolean;
};

/** Whether the system is on time, and if not, since when and why. */
export const Verdict = ({ readiness, queues, isLooking }: VerdictProps) => {
  const { zone } = useZone();
  const now = useNow();
  if (isLooking)
    return (
      <p className="verdict" aria-busy>
        Looking…
      </p>
    );
  if (!readiness) return null; // the page tells why
  const { grade, text, late, wrong } = judged(readiness, queues, now, zone);
  return (
    <div className={`verdict verdict-${grade}`} role="status">
      <b>{text}</b>
      {wrong.length > 0 && (
        <ul>
          {wrong.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      )}
      {late !== undefined && late !== text && <p>{late}</p>}
    </div>
  );
};
