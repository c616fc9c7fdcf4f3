import { useLocation } from 'react-router';
import { useKeys } from '../frame/keys';
import { canTravel, useAsOf } from './as-of';

/** From the present into the past, and back: also by its key. */
export const AsOfButton = () => {
  const { pathname } = useLocation();
  const { asOf, enter, leave } = useAsOf();
  const canGo = canTravel(pathname);
  const turn = asOf === undefined ? enter : leave;
  useKeys(canGo ? { t: turn } : {});
  if (!canGo) return null;
  return (
    <button
      type="button"
      className="as-of"
      aria-pressed={asOf !== undefined}
      title="How it stood at another time (t)"
      onClick={turn}
    >
      {asOf === undefined ? 'As of now' : 'Back to now'}
    </button>
  );
};
