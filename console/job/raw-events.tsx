import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Notice } from '../frame/notice';
import { saveFile } from '../frame/save-file';
import { ask } from '../http/client';
import { sessionStore } from '../http/session';
import { useJobEvents } from './use-job';

/**
 * The events with the seals and proofs that show that none is changed or missing. Operators alone have them: a seal
 * counts the events of all owners in its block, and says when the first and the last of them came.
 */
const ProofButton = ({ jobId }: { readonly jobId: string }) => {
  const { mutate, isPending, error } = useMutation({
    mutationFn: async () => {
      const response = await ask('v1/tools/export', { method: 'POST', body: { job: jobId } });
      saveFile(`job-${jobId}-proof.jsonl`, await response.blob());
    },
  });
  return (
    <>
      <button
        type="button"
        className="button button-plain"
        disabled={isPending}
        onClick={() => mutate()}
      >
        Download with its proof
      </button>
      {error && <Notice error={error} />}
    </>
  );
};

/** The events as the log has them, for who wants to see them or take them along. */
export const RawEvents = ({ jobId }: { readonly jobId: string }) => {
  const [isOpen, setOpen] = useState(false);
  const { data, error } = useJobEvents(jobId, isOpen);
  const isOperator = sessionStore.current()?.role === 'operator';
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
            <div className="actions more">
              <button
                type="button"
                className="button button-plain"
                onClick={() =>
                  saveFile(`job-${jobId}.json`, new Blob([text], { type: 'application/json' }))
                }
              >
                Download as JSON
              </button>
              {isOperator && <ProofButton jobId={jobId} />}
            </div>
            {!isOperator && (
              <p className="hint">
                An operator can hand you the proof that none of them is changed or missing.
              </p>
            )}
          </>
        )}
      </details>
    </section>
  );
};
