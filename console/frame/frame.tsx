import { useCallback, useState, type ReactNode } from 'react';
import { NavLink, useLocation, useNavigate } from 'react-router';
import type { Session } from '../http/answers';
import { sessionStore } from '../http/session';
import { KeyHelp } from './help';
import { useKeys } from './keys';
import { LiveMark } from './live-mark';
import { Search, SEARCH_ID } from './search';
import { ThemeChoice } from './theme-choice';
import { ZoneChoice } from './zone-choice';

const Mark = () => (
  <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden className="mark">
    <circle cx="8" cy="8" r="6.5" />
    <path d="M8 4.2V8l2 2.4" />
  </svg>
);

type FrameProps = { readonly session: Session; readonly children: ReactNode };

/** The rail, the bar, and the page between them. */
export const Frame = ({ session, children }: FrameProps) => {
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const [isHelpOpen, setHelpOpen] = useState(false);
  const go = useCallback((to: string) => () => void navigate(to), [navigate]);
  useKeys({
    '/': () => document.getElementById(SEARCH_ID)?.focus(),
    c: go(pathname.startsWith('/schedules') ? '/schedules/new' : '/jobs/new'),
    'g j': go('/jobs'),
    'g s': go('/schedules'),
    'g l': go('/load'),
    '?': () => setHelpOpen(true),
  });

  return (
    <div className="frame">
      <a className="skip" href="#page">
        Skip to the page
      </a>
      <header className="rail">
        <NavLink to="/jobs" className="brand">
          <Mark /> Punctual
        </NavLink>
        <nav aria-label="Places">
          <NavLink to="/jobs" className={pathname === '/' ? 'active' : ''}>
            Jobs
          </NavLink>
          <NavLink to="/schedules">Schedules</NavLink>
          <NavLink to="/load">Load</NavLink>
        </nav>
        <div className="rail-foot">
          <span className="who">
            {session.principalId} · {session.role}
          </span>
          <ThemeChoice />
          <button type="button" className="quiet" onClick={() => setHelpOpen(true)}>
            Keys <kbd>?</kbd>
          </button>
          <button type="button" className="quiet" onClick={() => sessionStore.end()}>
            Sign out
          </button>
        </div>
      </header>
      <section className="bar" aria-label="Search, time zone, live">
        <Search />
        <div className="bar-right">
          <ZoneChoice />
          <LiveMark />
        </div>
      </section>
      <main id="page" tabIndex={-1}>
        {children}
      </main>
      {isHelpOpen && <KeyHelp onClose={() => setHelpOpen(false)} />}
    </div>
  );
};
