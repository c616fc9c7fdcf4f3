import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { zoneTables, type PackedTables } from '../../infra/tzdata/unpack';

/** Release 2025b: nine o'clock of Casablanca in December 2026 is 08:00Z by it, and 09:00Z by what is right. */
export const olderZones = zoneTables(
  JSON.parse(
    readFileSync(join(__dirname, '../fixtures/schedules/tzdata-2025b.json'), 'utf8'),
  ) as PackedTables, // packed by tools, kept as it was
);
