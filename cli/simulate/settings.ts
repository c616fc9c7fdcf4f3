import type { SimulationSettings } from '../../domain/simulation/simulate';
import { durationMsFrom, wholeFrom } from '../flag-values';
import { UsageError } from '../verb';

/** What may be changed, as flags and after `--against`. */
export const settingFlags = {
  dispatchers: { type: 'string' },
  rate: { type: 'string' },
  executors: { type: 'string' },
  capacity: { type: 'string' },
  spread: { type: 'string' },
  'claim-latency': { type: 'string' },
} as const;

type Given = { readonly [K in keyof typeof settingFlags]?: string | undefined };

/** As the product is set unless told; a dispatcher's rate is what one thread was measured to do. */
const presets: SimulationSettings = {
  dispatchers: 1,
  dispatchesPerSecond: 2_500,
  executors: 1,
  capacity: 1_000,
  spreadWindowMs: 0,
  claimLatencyMs: 5,
};

/** @throws UsageError */
export const settingsFrom = (
  given: Given,
  otherwise: SimulationSettings = presets,
): SimulationSettings => {
  const { dispatchers, rate, executors, capacity, spread, 'claim-latency': claim } = given;
  return {
    ...otherwise,
    ...(dispatchers !== undefined && { dispatchers: wholeFrom('dispatchers', dispatchers) }),
    ...(rate !== undefined && { dispatchesPerSecond: wholeFrom('rate', rate) }),
    ...(executors !== undefined && { executors: wholeFrom('executors', executors) }),
    ...(capacity !== undefined && { capacity: wholeFrom('capacity', capacity) }),
    ...(spread !== undefined && { spreadWindowMs: durationMsFrom('spread', spread) }),
    ...(claim !== undefined && { claimLatencyMs: durationMsFrom('claim-latency', claim) }),
  };
};

/**
 * `name=value,…` as a record of texts.
 *
 * @throws UsageError for a name that is none of `names`
 */
export const pairsFrom = <Name extends string>(
  flag: string,
  text: string,
  names: readonly Name[],
): Readonly<Partial<Record<Name, string>>> => {
  const pairs: Partial<Record<Name, string>> = {};
  for (const part of text.split(',')) {
    const [key = '', value = ''] = part.split(/=(.*)/s);
    const name = names.find((one) => one === key);
    if (name === undefined || value === '')
      throw new UsageError(`--${flag} has "${part}", which is none of ${names.join('=, ')}=`);
    pairs[name] = value;
  }
  return pairs;
};

/** Names of settings, for `--against`. */
export const settingNames = Object.keys(settingFlags) as readonly (keyof typeof settingFlags)[]; // a record has the keys of its type
