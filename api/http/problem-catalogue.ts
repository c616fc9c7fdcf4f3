import type { CommandRejection } from '../../commands/answers';

type Row = {
  readonly status: number;
  readonly title: string;
  /** What the caller does next. */
  readonly detail: string;
};

const row = (status: number, title: string, detail: string): Row => ({ status, title, detail });

/** Everything that can be refused: what a command rejects and, beside that, what is wrong with a request. */
// prettier-ignore
const rows = {
  'bad-request': row(400, 'The request is not well-formed HTTP', 'Correct the request line, the headers or the path.'),
  'invalid-utf8': row(400, 'The body is not UTF-8', 'Send the JSON as UTF-8.'),
  'invalid-json': row(400, 'The body is not JSON', 'Send exactly one JSON document: no comments, no trailing commas, no NaN or Infinity.'),
  'too-deep': row(400, 'The body is nested too deeply', 'Nest at most 32 levels; send deeper data as a string.'),
  'duplicate-key': row(400, 'An object has the same key twice', 'Send each key once.'),
  'forbidden-key': row(400, 'A key has a name that objects already have', 'Remove the key; inside `payload` every key is welcome.'),
  'invalid-body': row(400, 'A property is missing or has the wrong type', 'See `errors` for each property, and /openapi.json for the schema.'),
  'bad-id': row(400, 'The id is not a UUID', 'Use the `jobId` of an answer as it is.'),
  'bad-timestamp': row(400, 'A time is not an RFC 3339 timestamp', 'Write it as 2027-03-29T02:30:00Z or 2027-03-29T02:30:00+02:00; in a URL write + as %2B.'),
  'offset-required': row(400, 'A time has no offset from UTC', 'End it in Z or in an offset such as +02:00.'),
  'unknown-parameter': row(400, 'There is no such query parameter here', 'Remove the parameter; see /openapi.json for those of this route.'),
  'bad-parameter': row(400, 'A query parameter has a value that it cannot have', 'See `errors`, and /openapi.json for the values; send each parameter once.'),
  'bad-limit': row(400, 'The page limit is not a whole number from 1 to 200', 'Send a limit from 1 to 200, or none for 50.'),
  'bad-cursor': row(400, 'The cursor does not belong to this list', 'Use `nextCursor` as it is, with the same filter and the same key, or start again without a cursor.'),
  'bad-window': row(422, 'The window ends before it begins, or is too long for its step', 'Let `from` be no later than `to`; of a forecast ask for at most 24 hours by minute, 31 days by hour, 366 days by day; see GET /v1/limits.'),
  'bad-position': row(400, 'The position is not one of ours', 'Use the `position` of an answer to a command as it is.'),
  'bad-if-match': row(400, 'If-Match is not one revision', 'Send the ETag as it is, such as "7"; a new job has none.'),
  'bad-idempotency-key': row(400, 'The idempotency key is not 1 to 255 visible ASCII characters', 'Send one key without spaces, a UUID for example.'),
  'bad-last-event-id': row(400, 'Last-Event-ID is not one of ours', 'Send the id of the last event received as it is, or none to start now.'),
  unauthenticated: row(401, 'There is no valid key or token', 'Send one header: Authorization: Bearer, followed by an API key or a JWT that is valid now.'),
  forbidden: row(403, 'Your role does not allow this', 'Use a key or token of a role that may do it.'),
  'queue-forbidden': row(403, 'You may not use this queue', 'Use one of those in `queues` of GET /v1/limits, or ask an operator for this one.'),
  'not-found': row(404, 'There is nothing here', 'See /openapi.json for the routes.'),
  'job-not-found': row(404, 'There is no such job', 'Check the id; only its owner and operators see a job.'),
  'method-not-allowed': row(405, 'The route does not take this method', 'Use one of the methods in the Allow header.'),
  'not-acceptable': row(406, 'The answer cannot be what Accept asks for', 'Accept application/json; on /v1/live accept text/event-stream.'),
  'request-timeout': row(408, 'The request did not arrive in time', 'Send it again, without long pauses.'),
  'job-exists': row(409, 'There is a job with this id', 'Read it; nothing was changed.'),
  'cutoff-passed': row(409, 'The cut-off before the due time has passed', 'Leave the job as it is, or abort it once it runs.'),
  'job-running': row(409, 'The job has already started', 'Ask for an abort (see `links`); it is cooperative and promises nothing.'),
  'job-not-running': row(409, 'The job is not running', 'Cancel it instead: it has not started.'),
  'job-finished': row(409, 'The job has already finished', 'Schedule a new job, or redrive it if it failed.'),
  'job-cancelled': row(409, 'The job is cancelled', 'Schedule a new job: a cancel is final.'),
  'job-not-failed': row(409, 'The job has not failed', 'Only a job that failed for good can be redriven.'),
  'job-expired': row(409, 'The job is later than it may be', 'Schedule a new job.'),
  'too-early': row(409, 'The job is not due yet', 'Try again at its due time.'),
  'dispatch-superseded': row(409, 'The dispatch is not the newest one', 'Drop the message: a newer one comes or has come.'),
  'attempt-superseded': row(409, 'A newer attempt has begun', 'Drop the report: this attempt is over.'),
  'tool-running': row(409, 'The same tool is running already', 'Wait until it has ended, or hang up on the request that runs it.'),
  'job-unreadable': row(409, 'The job has an event that nobody can read', 'Nothing was changed. Tell an operator the requestId: `punctual audit job` says what is wrong with it.'),
  'not-sealed-yet': row(409, 'Nothing of what is asked for is sealed yet', 'Try again in some seconds: the archivist seals what is new.'),
  'quota-exceeded': row(409, 'You have as many pending jobs as you may', 'Wait until some finish, or cancel some.'),
  'job-history-gone': row(410, 'The history of the job is gone', 'Nothing was changed: an administrator of the event store has truncated or deleted its events. `lastKnown` and GET /v1/jobs/{jobId} say how it stood; schedule a new job if it is still wanted.'),
  'revision-mismatch': row(412, 'It has changed since that revision', 'Read it again and decide anew; the ETag header has its revision.'),
  'body-too-large': row(413, 'The body is too large', 'Send at most 256 KiB, or 4 MiB in a batch.'),
  'payload-too-large': row(413, 'The payload is too large', 'Keep it within 64 KiB as JSON; store more elsewhere and send where it is.'),
  'event-too-large': row(413, 'It is larger than the event store of this system takes', 'Nothing was changed. Send a smaller payload; store more elsewhere and send where it is.'),
  'unsupported-encoding': row(415, 'The body is compressed', 'Send it as it is, without Content-Encoding.'),
  'unsupported-media-type': row(415, 'The body is not declared as JSON', 'Send Content-Type: application/json.'),
  'due-in-past': row(422, 'The due time has passed', 'Ask for a time in the future; up to 5 s ago means now.'),
  'due-too-far': row(422, 'The due time is too far ahead', 'Ask for a time at most one year ahead.'),
  'as-of-in-future': row(422, 'The time asked for has not come yet', 'Ask for a time that has passed, or for the present without `asOf`.'),
  'as-of-too-wide': row(422, 'The list is of too many jobs to be folded at once', 'Narrow it to one owner with `ownerId`, or use `punctual as-of list`.'),
  'idempotency-key-reused': row(422, 'The idempotency key came with another request', 'Use a new key for a new request, or repeat the first one unchanged.'),
  'unknown-property': row(422, 'There is no such property here', 'Remove the property; see /openapi.json for the schema.'),
  'out-of-range': row(422, 'A number is outside its range', 'See GET /v1/limits; a number must also survive as a 64-bit float.'),
  'too-long': row(422, 'A text or a list is too long', 'See GET /v1/limits.'),
  'too-short': row(422, 'A text or a list is too short', 'Give it at least one character or item.'),
  'invalid-unicode': row(422, 'A text has characters that are refused', 'Remove control, bidirectional and zero-width characters, and halves of surrogate pairs; in `payload` only U+0000 and such halves.'),
  'bad-queue': row(422, 'The queue has a name that no queue can have', 'Use 1 to 64 letters, digits, hyphens and underscores.'),
  'bad-location': row(422, 'The location is not a location', 'Start it with one of the `locationSchemes` of GET /v1/limits, and leave out blanks and backslashes; an https or http location must be a URL without user and password.'),
  'forbidden-target': row(422, 'The location is an address that jobs must not reach', 'Use a public host: loopback, private and link-local addresses are refused.'),
  'rate-limited': row(429, 'Too many requests', 'Wait for the seconds in Retry-After.'),
  'too-many-streams': row(429, 'Too many live connections', 'Close one of them first; one shows all of your jobs.'),
  'headers-too-large': row(431, 'The headers are too large', 'Send at most 16 KiB of headers, the URL included.'),
  'internal-error': row(500, 'Something went wrong on our side', 'Try again later; tell an operator the requestId if it stays.'),
  'shares-unreadable': row(500, 'The shares in the log cannot be read', 'Nothing was changed. Set them anew with PUT /v1/shares; the last known ones stay in force.'),
  contended: row(503, 'Too many writers at once', 'Nothing was changed. Try again.'),
  'event-log-unavailable': row(503, 'The event log cannot be reached', 'Nothing was changed. Try again after Retry-After, with the same Idempotency-Key.'),
  'event-log-refuses': row(503, 'The event log refuses this server', 'Nothing was changed, and trying again does not help: tell an operator, who looks at GET /readyz of this server.'),
  'event-too-new': row(503, 'A newer version of this server has written the job', 'Nothing was changed. Try again after Retry-After: another server may know it; tell an operator, who upgrades this one.'),
  'read-model-unavailable': row(503, 'The read model cannot be reached', 'Try again after Retry-After; commands may still work.'),
  'as-of-timed-out': row(503, 'The list could not be folded in time', 'Try again after Retry-After; if it stays, no snapshots are made: use `punctual as-of list`, or run the archivist.'),
  'authentication-unavailable': row(503, 'The keys that tokens are checked with cannot be reached', 'Try again after Retry-After.'),
  'projection-behind': row(503, 'The read model has not come to that position yet', 'Try again after Retry-After, or ask without `after`.'),
  'shutting-down': row(503, 'This server is shutting down', 'Connect again: another one answers.'),
  'outcome-unknown': row(504, 'The change may or may not have been made', 'Send the same request again, with the same Idempotency-Key: it tells. Without a key, read the job first.'),
} satisfies Readonly<Record<string, Row>> & Readonly<Record<CommandRejection['code'], Row>>; // a new rejection without a row does not compile

export type ProblemCode = keyof typeof rows;

export const problemCatalogue: Readonly<Record<ProblemCode, Row>> = rows;
