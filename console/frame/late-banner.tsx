import { useLocation } from 'react-router';
import { useQueues, useReadiness } from '../system/use-system';
import { judged } from '../system/judged';
import { useNow } from '../time/now';
import { useZone } from '../time/zone';
import { Link } from './link';

/** On every page of an operator: that the system is late or not ready, and why. Nothing while all is well. */
export const LateBanner = () => {
  const { pathname } = useLocation();
  const { zone } = useZone();
  const now = useNow();
  const readiness = useReadiness();
  const queues = useQueues(true);
  // the page of the system tells it at length
  if (pathname === '/system' || !readiness.data || queues.isPending) return null;
  const { grade, text, late, wrong } = judged(readiness.data, queues.data?.queues, now, zone);
  if (grade !== 'fail' && late === undefined) return null;
  const [first, ...others] = [late ?? [], wrong].flat().filter((sentence) => sentence !== text);
  return (
    <p className={`banner banner-${grade}`} role="status">
      <b>{text}</b> {first}
      {others.length > 0 && ` And ${others.length} more.`} <Link to="/system">System</Link>
    </p>
  );
};
