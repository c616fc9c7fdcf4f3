import { jobIdOf } from '../../domain/ids';
import { plainArray } from '../writing/unnest';
import type { Statement } from '../writing/write-session';

const text = `
  insert into search_pending (job_id) select unnest($1::uuid[]) on conflict do nothing`;

/** The feed has passed the places of these jobs, so the index would never hear of them. */
export const lateForSearch = (streams: readonly string[]): readonly Statement[] => {
  const jobIds = streams.flatMap((stream) => jobIdOf(stream) ?? []);
  return jobIds.length === 0 ? [] : [{ text, values: [plainArray(jobIds)] }];
};
