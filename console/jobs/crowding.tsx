import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { CrowdedMinute, Crowding } from '../http/answers';
import { read } from '../http/client';
import { count, hourMinute } from '../time/format';
import { useZone } from '../time/zone';

const MINUTE_MS = 60_000;

/** What is wrong with a minute that many have chosen. */
export const crowdedText = (
  { minute, jobs, isCoarse, capacity }: CrowdedMinute,
  zone: string,
): string => {
  const many = isCoarse
    ? `over ${count(jobs)} jobs wait for that minute, more than are wanted`
    : `${count(jobs)} jobs wait for that minute, ${count(capacity)} are wanted at most`;
  return `Many are due at ${hourMinute(Date.parse(minute), zone)}: ${many}, so it may start late`;
};

type CrowdingNoteProps = {
  readonly dueAt: string | undefined;
  /** Absent: quieter ones are told, and not to be chosen here. */
  readonly onChoose?: ((dueAt: string) => void) | undefined;
};

/** Whether the minute has room, and a quieter one where it has none; as high either way. */
export const CrowdingNote = ({ dueAt, onChoose }: CrowdingNoteProps) => {
  const { zone } = useZone();
  const at = dueAt === undefined ? undefined : Date.parse(dueAt);
  const minute = at === undefined ? undefined : Math.floor(at / MINUTE_MS) * MINUTE_MS;
  const { data } = useQuery({
    queryKey: ['crowding', minute],
    queryFn: ({ signal }) =>
      read<Crowding>('v1/crowding', { dueAt: new Date(minute ?? 0).toISOString() }, signal),
    enabled: minute !== undefined,
    placeholderData: keepPreviousData,
  });
  const warning = data?.warnings[0];
  if (!warning)
    return (
      <p className="crowding soft" role="status">
        {data ? 'The minute has room.' : ''}
      </p>
    );
  const offered = data.quieter;
  return (
    <p className="crowding crowding-full" role="status">
      {crowdedText(warning, zone)}.{' '}
      {offered.length > 0 ? 'Quieter: ' : 'Half an hour around it is crowded, too.'}
      {offered.map((quieter) =>
        onChoose ? (
          <button key={quieter} type="button" className="link" onClick={() => onChoose(quieter)}>
            {hourMinute(Date.parse(quieter), zone)}
          </button>
        ) : (
          <span key={quieter}> {hourMinute(Date.parse(quieter), zone)}</span>
        ),
      )}
    </p>
  );
};
