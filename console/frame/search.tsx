import { useEffect, useState } from 'react';
import { useLocation, useSearchParams } from 'react-router';
import { useGo } from './link';

const IDS = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** Nobody asks the server for each letter. */
const PAUSE_MS = 250;

export const SEARCH_ID = 'search';

/** Finds jobs by a part of their name, by a tag as `#tag`, by id; on the list of schedules it finds schedules. */
export const Search = () => {
  const go = useGo();
  const { pathname } = useLocation();
  const [search] = useSearchParams();
  const ofAddress = search.get('tag') ? `#${search.get('tag') ?? ''}` : (search.get('q') ?? '');
  const [text, setText] = useState(ofAddress);
  const [known, setKnown] = useState(ofAddress);
  if (known !== ofAddress) {
    setKnown(ofAddress);
    setText(ofAddress);
  }

  const find = (asked: string): void => {
    const words = asked.trim();
    if (IDS.test(words)) {
      go(`/jobs/${words.toLowerCase()}`);
      return;
    }
    const place = pathname === '/schedules' ? '/schedules' : '/jobs';
    const after = new URLSearchParams(pathname === place || pathname === '/' ? search : undefined);
    after.delete('q');
    after.delete('tag');
    if (words.startsWith('#') && words.length > 1) after.set('tag', words.slice(1));
    else if (words !== '' && words !== '#') after.set('q', words);
    setKnown(words);
    go(`${place}?${after.toString()}`, { replace: pathname === place });
  };

  useEffect(() => {
    if (text === ofAddress || text.trim() === known) return undefined;
    const timer = setTimeout(() => find(text), PAUSE_MS);
    return () => clearTimeout(timer);
  });

  return (
    <form
      role="search"
      className="search"
      onSubmit={(event) => {
        event.preventDefault();
        find(text);
      }}
    >
      <input
        id={SEARCH_ID}
        type="search"
        aria-label="Search"
        placeholder={pathname === '/schedules' ? 'Search name' : 'Search name, #tag, id'}
        value={text}
        maxLength={200}
        autoComplete="off"
        spellCheck={false}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
        onKeyDown={({ key, currentTarget }) => {
          if (key === 'Escape') currentTarget.blur();
        }}
      />
      <kbd aria-hidden>/</kbd>
    </form>
  );
};
