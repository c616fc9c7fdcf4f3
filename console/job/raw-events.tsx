import { useState } from 'react';
import { Notice } from '../frame/notice';
import { useJobEvents } from './use-job';

const save = (name: string, text: string): void => {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
};

/** The events as the log has them, for who wants to see them or take them along. */
export const RawEvents = ({ jobId }: { readonly jobId: string }) => {
  const [isOpen, setOpen] = useState(false);
  const { data, error } = useJobEvents(jobId, isOpen);
  const text = data && JSON.stringify(data.events, undefined, 2);
  return (
    <section className="panel">
      <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>Events of the log{data && ` (${data.events.length})`}</summary>
        {error && <Notice error={error} />}
        {text !== undefined && (
          <>
            <pre className="block more" tabIndex={0}>
              {text}
            </pre>
            <button
              type="button"
              className="button button-plain more"
              onClick={() => save(`job-${jobId}.json`, text)}
            >
              Download as JSON
            </button>
          </>
        )}
      </details>
    </section>
  );
};
