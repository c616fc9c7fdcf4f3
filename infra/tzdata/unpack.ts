import type { Zone, ZoneTables } from '../../domain/schedule/timing/calendar/zone';

/** The tables of one release as the package moment-timezone ships them. */
export type PackedTables = {
  readonly version: string;
  /** `name|abbreviations|offsets|indices|differences|population`. */
  readonly zones: readonly string[];
  /** `name|alias`. */
  readonly links: readonly string[];
};

const BASE = 60;

/** Digits are 0 to 9, a to z, A to X. */
const digitOf = (code: number): number => {
  if (code >= 97) return code - 87;
  return code >= 65 ? code - 29 : code - 48;
};

/** Minutes in base 60, with seconds behind the point: `-R.s` are 53 min 28 s, negative. */
const secondsOf = (text: string): number => {
  const isNegative = text.startsWith('-');
  const [whole = '', fraction = ''] = text.slice(isNegative ? 1 : 0).split('.');
  let minutes = 0;
  for (const digit of whole) minutes = minutes * BASE + digitOf(digit.charCodeAt(0));
  const seconds = minutes * 60 + (fraction === '' ? 0 : digitOf(fraction.charCodeAt(0)));
  return isNegative ? -seconds : seconds;
};

const words = (text: string): readonly string[] => (text === '' ? [] : text.split(' '));

const unpacked = (name: string, packed: string): Zone => {
  const [, , offsetsText = '', indices = '', differences = ''] = packed.split('|');
  const known = words(offsetsText).map((text) => 0 - secondsOf(text)); // the package counts them to the west
  const offsets = Array.from(indices, (index) => known[digitOf(index.charCodeAt(0))]);
  const starts = [-Infinity];
  let at = 0;
  for (const difference of words(differences)) {
    at += secondsOf(difference);
    starts.push(at);
  }
  if (offsets.length !== starts.length || !offsets.every((offset) => Number.isInteger(offset)))
    throw new Error(`the table of ${name} cannot be unpacked: its package has another form`);
  return { name, starts, offsets: offsets.map(Number) };
};

/** Each zone is unpacked when it is first asked for, and kept. */
export const zoneTables = ({ version, zones, links }: PackedTables): ZoneTables => {
  const packedOf = new Map(zones.map((zone) => [zone.slice(0, zone.indexOf('|')), zone]));
  const nameOf = new Map(links.map((link) => link.split('|').toReversed() as [string, string])); // two names in each
  const known = new Map<string, Zone>();
  return {
    version,
    zone: (alias) => {
      const name = nameOf.get(alias) ?? alias;
      const packed = packedOf.get(name);
      if (packed === undefined) return undefined;
      const zone = known.get(name) ?? unpacked(name, packed);
      known.set(name, zone);
      return zone;
    },
  };
};
