import { Problem } from '../http/problem';

type NoticeProps = { readonly error: unknown; readonly onRetry?: () => void };

/** What went wrong, and what to do next; nothing else changes. */
export const Notice = ({ error, onRetry }: NoticeProps) => {
  const isKnown = error instanceof Problem;
  return (
    <div className="notice" role="alert">
      <b>{isKnown ? error.message : 'Something went wrong in this page'}.</b>{' '}
      {isKnown ? error.detail : 'Load it again; tell us what you did if it comes back.'}
      {isKnown && error.requestId !== undefined && error.status >= 500 && (
        <span className="soft"> Request {error.requestId}.</span>
      )}
      {onRetry && (
        <button type="button" className="link" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
};
