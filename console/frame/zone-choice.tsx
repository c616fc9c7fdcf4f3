import { Select } from '@mantine/core';
import { useMemo } from 'react';
import { useZone } from '../time/zone';
import { zones } from '../time/zones';

const SHOWN = 60;

/** The zone in which all times are shown. */
export const ZoneChoice = () => {
  const { zone, choose } = useZone();
  const names = useMemo(() => [...new Set([zone, ...zones()])], [zone]);
  return (
    <Select
      className="zone-choice"
      aria-label="Time zone"
      data={names}
      limit={SHOWN}
      value={zone}
      onChange={(name) => name !== null && choose(name)}
      searchable
      allowDeselect={false}
      nothingFoundMessage="No such zone"
      comboboxProps={{ width: 240, position: 'bottom-end' }}
      rightSectionWidth={22}
    />
  );
};
