import { useCallback } from 'react';
import {
  NavLink as RouterNavLink,
  parsePath,
  Link as RouterLink,
  useNavigate,
  type LinkProps as RouterLinkProps,
  type NavigateOptions,
  type NavLinkProps,
  type To,
} from 'react-router';
import { useZone } from '../time/zone';

/** The way to another page on the clocks of the same zone, where the address says which. */
const useSameZone = (): ((to: To) => To) => {
  const { named } = useZone();
  return useCallback(
    (to) => {
      if (named === undefined) return to;
      const path = typeof to === 'string' ? parsePath(to) : to;
      const after = new URLSearchParams(path.search);
      after.set('zone', named);
      return { ...path, search: `?${after.toString()}` };
    },
    [named],
  );
};

type LinkProps = RouterLinkProps & {
  /** It says itself on whose clocks: a view that was saved with its zone. */
  readonly hasOwnZone?: boolean;
};

/** Leads to another page; the zone of the address goes along. */
export const Link = ({ to, hasOwnZone = false, ...rest }: LinkProps) => {
  const sameZone = useSameZone();
  return <RouterLink to={hasOwnZone ? to : sameZone(to)} {...rest} />;
};

/** One that knows when its page is shown. */
export const NavLink = ({ to, ...rest }: NavLinkProps) => {
  const sameZone = useSameZone();
  return <RouterNavLink to={sameZone(to)} {...rest} />;
};

/** Goes to another page as a link does, or back to the one before. */
export const useGo = (): ((to: To | -1, options?: NavigateOptions) => void) => {
  const navigate = useNavigate();
  const sameZone = useSameZone();
  return useCallback(
    (to, options) => void (to === -1 ? navigate(to) : navigate(sameZone(to), options)),
    [navigate, sameZone],
  );
};
