import { lazy, Suspense, useState } from 'react';
import { useSearchParams } from 'react-router';
import { useKeys } from '../frame/keys';
import { Link } from '../frame/link';
import type { Filter } from './filter';
import { useLook, withLook } from './look';
import { Narrowing } from './narrowing';
import { useViews, viewSearch } from './views';

const FilterDialog = lazy(async () => ({
  default: (await import('./filter-dialog')).FilterDialog,
}));
const ViewDialog = lazy(async () => ({ default: (await import('./view-dialog')).ViewDialog }));

/** What was saved, each a click away. */
const SavedViews = () => {
  const [search] = useSearchParams();
  const [look] = useLook();
  const views = useViews();
  const shown = viewSearch(withLook(search, look));
  return views.map((view) => (
    <Link
      key={view.name}
      className="chip"
      to={{ pathname: '/jobs', search: view.search }}
      hasOwnZone={new URLSearchParams(view.search).has('zone')}
      aria-current={view.search === shown ? 'true' : undefined}
      dir="auto"
    >
      {view.name}
    </Link>
  ));
};

/** What narrows the list, how it looks, and what was saved of both. */
export const ListTools = ({ filter }: { readonly filter: Filter }) => {
  const [open, setOpen] = useState<'filter' | 'view'>();
  const close = (): void => setOpen(undefined);
  useKeys({ f: () => setOpen('filter'), v: () => setOpen('view') });
  return (
    <div className="chips">
      <button type="button" className="chip" onClick={() => setOpen('filter')}>
        Filter… <kbd aria-hidden>f</kbd>
      </button>
      <button type="button" className="chip" onClick={() => setOpen('view')}>
        View… <kbd aria-hidden>v</kbd>
      </button>
      <SavedViews />
      <Narrowing filter={filter} />
      <Suspense fallback={null}>
        {open === 'filter' && <FilterDialog filter={filter} onClose={close} />}
        {open === 'view' && <ViewDialog onClose={close} />}
      </Suspense>
    </div>
  );
};
