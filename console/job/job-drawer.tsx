import { useEffect, useRef } from 'react';
import { useLocation, useParams } from 'react-router';
import { useKeys } from '../frame/keys';
import { Link, useGo } from '../frame/link';
import { jobStateOf } from '../jobs/opened';
import { OneJob } from './one-job';

/** A job over the page that it was opened from, which stays as it is and can be used beside it. */
export const JobDrawer = () => {
  const { jobId = '' } = useParams();
  const go = useGo();
  const location = useLocation();
  const drawer = useRef<HTMLDivElement>(null);
  const close = (): void => go(-1);
  useKeys({ Escape: close });

  const isPeek = jobStateOf(location)?.isPeek === true;
  useEffect(() => {
    drawer.current?.scrollTo(0, 0);
    if (!isPeek) drawer.current?.focus({ preventScroll: true });
  }, [location.key, isPeek]);

  return (
    <div ref={drawer} role="dialog" aria-label="Job" className="drawer" tabIndex={-1}>
      <div className="drawer-bar">
        <code>{jobId}</code>
        <Link className="quiet" to={{ pathname: `/jobs/${jobId}`, search: location.search }}>
          Open as a page
        </Link>
        <button type="button" className="quiet" aria-label="Close" onClick={close}>
          ×
        </button>
      </div>
      <OneJob key={jobId} jobId={jobId} />
    </div>
  );
};
