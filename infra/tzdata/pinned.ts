import { links, version, zones } from 'moment-timezone/data/packed/latest.json';
import type { ZoneTables } from '../../domain/schedule/timing/calendar/zone';
import { zoneTables } from './unpack';

/**
 * The time zones of the one release that this build is pinned to. Their transitions reach to the year 2499;
 * after the last one its offset holds.
 */
export const pinnedZones: ZoneTables = zoneTables({ version, zones, links });
