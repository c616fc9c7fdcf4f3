import { useMemo } from 'react';
import { useZone } from '../time/zone';
import { zones } from '../time/zones';

/** The zone in which all times are shown. */
export const ZoneChoice = () => {
  const { zone, choose } = useZone();
  const names = useMemo(() => [...new Set([zone, ...zones()])], [zone]);
  return (
    <select
      className="zone-choice"
      aria-label="Time zone"
      value={zone}
      onChange={({ currentTarget }) => choose(currentTarget.value)}
    >
      {names.map((name) => (
        <option key={name}>{name}</option>
      ))}
    </select>
  );
};
