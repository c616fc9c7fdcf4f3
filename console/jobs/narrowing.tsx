import { useSearchParams } from 'react-router';
import { Link } from '../frame/link';
import { moment } from '../time/format';
import { useNow } from '../time/now';
import { useZone } from '../time/zone';
import { narrowing, withFilter, type Filter } from './filter';

/** What narrows a list beside status and search; each is taken away by a click. */
export const Narrowing = ({ filter }: { readonly filter: Filter }) => {
  const [search] = useSearchParams();
  const { zone } = useZone();
  const now = useNow();
  const timeOf = (text: string): string => {
    const at = Date.parse(text);
    return Number.isNaN(at) ? text : moment(at, zone, now);
  };
  return (
    <>
      {narrowing(filter, timeOf).map(({ fields, text }) => (
        <Link
          key={fields.join()}
          className="chip chip-filter"
          to={{
            search: withFilter(search, Object.fromEntries(fields.map((field) => [field, '']))),
          }}
          aria-label={`${text}: show all`}
        >
          {text} <span aria-hidden>×</span>
        </Link>
      ))}
    </>
  );
};
