import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StoredEvent } from '../../domain/events/catalog';

const root = join(__dirname, '..', 'fixtures', 'events');

/** An event as some version of the product has stored it. */
export type EventFixture = {
  /** `JobScheduled/v1-least`: the type, then the version and what is special about it. */
  readonly name: string;
  readonly type: string;
  readonly version: number;
  readonly stored: Omit<StoredEvent, 'revision'>;
};

const read = (path: string): unknown => JSON.parse(readFileSync(join(root, path), 'utf8'));

/** Every shape ever written; files are added, never changed. */
export const eventFixtures: readonly EventFixture[] = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name: type }) =>
    readdirSync(join(root, type)).map((file) => ({
      name: `${type}/${file.replace('.json', '')}`,
      type,
      version: Number(/^v(\d+)-/.exec(file)?.[1]),
      stored: read(join(type, file)) as EventFixture['stored'], // a file of ours
    })),
  );
