import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { Choices } from '../frame/choices';
import { Dialog } from '../frame/dialog';
import { ALL_COLUMNS, COLUMNS } from './columns';
import { useLook, withLook, type Look } from './look';
import { deleteView, saveView, useViews, viewSearch } from './views';

type ColumnTicksProps = { readonly look: Look; readonly onChange: (look: Look) => void };

const ColumnTicks = ({ look, onChange }: ColumnTicksProps) => (
  <fieldset className="ticks">
    <legend className="label">Columns beside the name</legend>
    {ALL_COLUMNS.map((key) => (
      <label key={key}>
        <input
          type="checkbox"
          checked={look.columns.includes(key)}
          onChange={({ currentTarget: { checked } }) =>
            onChange({
              ...look,
              columns: ALL_COLUMNS.filter((one) =>
                one === key ? checked : look.columns.includes(one),
              ),
            })
          }
        />{' '}
        {COLUMNS[key].title}
      </label>
    ))}
  </fieldset>
);

/** Under which name to keep what is shown; the address to send it by. */
const SaveForm = ({ search }: { readonly search: URLSearchParams }) => {
  const [told, setTold] = useState('');
  return (
    <form
      className="field save-view"
      onSubmit={(event) => {
        event.preventDefault();
        const given = new FormData(event.currentTarget).get('name');
        const name = typeof given === 'string' ? given.trim() : '';
        if (name === '') return;
        saveView({ name, search: viewSearch(search) });
        event.currentTarget.reset();
        setTold(`Saved as “${name}”.`);
      }}
    >
      <label htmlFor="view-name">Save what the list shows as</label>
      <div className="actions">
        <input id="view-name" name="name" required maxLength={60} autoComplete="off" dir="auto" />
        <button type="submit" className="button">
          Save the view
        </button>
        <button
          type="button"
          className="button button-plain"
          onClick={() => {
            const url = new URL(location.pathname, location.href);
            url.search = viewSearch(search);
            void navigator.clipboard?.writeText(url.href).then(() => setTold('Address copied.'));
          }}
        >
          Copy its address
        </button>
      </div>
      <p className="hint" role="status">
        {told || 'Views stay in this browser, for you. To have one elsewhere, send its address.'}
      </p>
    </form>
  );
};

const Saved = () => {
  const views = useViews();
  if (views.length === 0) return null;
  return (
    <ul className="items" aria-label="Saved views">
      {views.map(({ name }) => (
        <li key={name}>
          <span dir="auto">{name}</span>
          <button
            type="button"
            className="link"
            aria-label={`Delete “${name}”`}
            onClick={() => deleteView(name)}
          >
            Delete
          </button>
        </li>
      ))}
    </ul>
  );
};

/** How the list looks, and what of it to keep. */
export const ViewDialog = ({ onClose }: { readonly onClose: () => void }) => {
  const [search] = useSearchParams();
  const [before, choose] = useLook();
  const [look, setLook] = useState(before); // ticks answer at once, the address takes a moment
  const change = (next: Look): void => {
    setLook(next);
    choose(next);
  };
  return (
    <Dialog title="View" onClose={onClose}>
      <ColumnTicks look={look} onChange={change} />
      <Choices
        label="Rows"
        options={[
          { value: 'roomy', label: 'Roomy' },
          { value: 'dense', label: 'Dense' },
        ]}
        value={look.isDense ? 'dense' : 'roomy'}
        onChange={(rows) => change({ ...look, isDense: rows === 'dense' })}
      />
      <SaveForm search={withLook(search, look)} />
      <Saved />
    </Dialog>
  );
};
