import { parseAsOf, type AsOf } from '../../domain/audit/as-of';
import type { Clock } from '../../domain/time';
import { optional } from './parameters';
import { refuse, type Parsed } from './problem';
import type { Call } from './route';

/** `?asOf=`: undefined for the present. */
export const readAsOf = ({ query }: Call, { now }: Clock): Parsed<AsOf | undefined> =>
  optional(query, 'asOf', (text, parameter) => {
    const parsed = parseAsOf(text, now());
    if ('asOf' in parsed) return { value: parsed.asOf };
    const { problem: code } = parsed;
    return refuse(code, { errors: [{ parameter, code }] });
  });
