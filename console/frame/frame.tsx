import { useState, type ReactNode } from 'react';
import { useLocation } from 'react-router';
import type { Session } from '../http/answers';
import { sessionStore } from '../http/session';
import { canTravel, useAsOf } from '../past/as-of';
import { AsOfButton } from '../past/as-of-button';
import { ClockNote } from './clock-note';
import { KeyHelp } from './help';
import { useKeys } from './keys';
import { LateBanner } from './late-banner';
import { NavLink, useGo } from './link';
import { LiveMark } from './live-mark';
import { Outstanding } from './outstanding';
import { Search, SEARCH_ID } from './search';
import { ThemeChoice } from './theme-choice';
import { ZoneChoice } from './zone-choice';

const Mark = () => (
  <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden className="mark">
    <circle cx="8" cy="8" r="6.5" />
    <path d="M8 4.2V8l2 2.4" />
  </svg>
);

const PastMark = () => (
  <span className="live live-past" role="status">
    <b>Not live: the past</b>
  </span>
);

/** Where `c` makes something else than a job. */
const CREATED_AT = ['/schedules', '/webhooks'] as const;

/** Whose actions stand in the head of the page; the page of a job knows its own. */
const HAS_ACTIONS = /^\/(schedules|webhooks)\/[0-9a-f-]{36}$/;
const goToActions = (): void =>
  document.querySelector<HTMLElement>('main .head .actions :is(button, a)')?.focus();

type FrameProps = { readonly session: Session; readonly children: ReactNode };

/** The rail, the bar, and the page between them. */
export const Frame = ({ session, children }: FrameProps) => {
  const go = useGo();
  const { pathname } = useLocation();
  const isPast = useAsOf().asOf !== undefined && canTravel(pathname);
  const [isHelpOpen, setHelpOpen] = useState(false);
  const goTo = (to: string) => () => go(to);
  useKeys({
    '/': () => document.getElementById(SEARCH_ID)?.focus(),
    c: goTo(`${CREATED_AT.find((place) => pathname.startsWith(place)) ?? '/jobs'}/new`),
    'g j': goTo('/jobs'),
    'g s': goTo('/schedules'),
    'g l': goTo('/load'),
    'g w': goTo('/webhooks'),
    'g d': goTo('/dead-letters'),
    'g o': goTo('/operations'),
    'g y': goTo('/system'),
    'g a': goTo('/audit'),
    ...(HAS_ACTIONS.test(pathname) && { '.': goToActions }),
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
          <NavLink to="/webhooks">Webhooks</NavLink>
          <NavLink to="/dead-letters">Dead letters</NavLink>
          <NavLink to="/operations">Operations</NavLink>
          {session.role === 'operator' && <NavLink to="/system">System</NavLink>}
          {session.role === 'operator' && <NavLink to="/audit">Audit</NavLink>}
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
          <AsOfButton />
          <ZoneChoice />
          {isPast ? <PastMark /> : <LiveMark />}
        </div>
      </section>
      <main id="page" tabIndex={-1}>
        <ClockNote />
        {session.role === 'operator' && <LateBanner />}
        {children}
      </main>
      <Outstanding />
      {isHelpOpen && <KeyHelp onClose={() => setHelpOpen(false)} />}
    </div>
  );
};
