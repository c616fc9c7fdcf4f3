import { Link, useSearchParams } from 'react-router';
import { narrowing, withFilter, type Filter } from './filter';

/** What narrows a list beside status and search; each is taken away by a click. */
export const Narrowing = ({ filter }: { readonly filter: Filter }) => {
  const [search] = useSearchParams();
  return (
    <>
      {narrowing(filter).map(({ field, text }) => (
        <Link
          key={field}
          className="chip chip-filter"
          to={{ search: withFilter(search, { [field]: '' }) }}
          aria-label={`${text}: show all`}
        >
          {text} <span aria-hidden>×</span>
        </Link>
      ))}
    </>
  );
};
