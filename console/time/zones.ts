/** The wall time that clocks of a zone show, as milliseconds of UTC. */
const wallTime = (at: number, zone: string): number => {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    ...{ year: 'numeric', month: 'numeric', day: 'numeric' },
    ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
  }).formatToParts(at);
  const value = (type: string): number =>
    Number(parts.find((part) => part.type === type)?.value ?? 0);
  return Date.UTC(
    value('year'),
    value('month') - 1,
    value('day'),
    value('hour'),
    value('minute'),
    value('second'),
  );
};

/** `2026-11-30T02:30:00`, as a field for a date and a time has it. */
export const toField = (at: number, zone: string): string =>
  new Date(wallTime(at, zone)).toISOString().slice(0, 19);

/**
 * The instant at which clocks of the zone show this. The first of two; undefined for a time that they leave out, and
 * for what is no time.
 */
export const fromField = (text: string, zone: string): number | undefined => {
  const wall = Date.parse(`${text.length === 16 ? `${text}:00` : text}Z`);
  if (Number.isNaN(wall)) return undefined;
  const offsets = [wall - 86_400_000, wall + 86_400_000].map(
    (at) => wallTime(at, zone) - Math.floor(at / 1_000) * 1_000,
  );
  return offsets
    .map((offset) => wall - offset)
    .filter((at) => wallTime(at, zone) === wall)
    .sort((one, other) => one - other)[0];
};

export const ownZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

export const isZone = (name: string): boolean => {
  try {
    new Intl.DateTimeFormat(undefined, { timeZone: name });
    return true;
  } catch {
    return false;
  }
};

/** All that the browser knows, the own one and UTC first. */
export const zones = (): readonly string[] => [
  ...new Set([ownZone(), 'UTC', ...Intl.supportedValuesOf('timeZone')]),
];
