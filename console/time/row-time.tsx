import { Exact } from './exact';
import { relative, under } from './format';
import { useNow } from './now';
import { useZone } from './zone';

/** An instant in a row of a list: how far away it is, and below that the time of day. */
export const RowTime = ({ at }: { readonly at: string }) => {
  const now = useNow();
  const { zone } = useZone();
  const instant = Date.parse(at);
  return (
    <Exact at={at} className="row-time">
      {relative(instant, now, zone)}
      <time className="under" dateTime={at}>
        {under(instant, now, zone)}
      </time>
    </Exact>
  );
};
