import { isUuid } from '../../../domain/ids';
import { uuids } from '../../../infra/ids';

describe('derived ids', () => {
  test.each`
    parts          | id                                        | why
    ${['a', 'bc']} | ${'7b9a7b81-8dac-59ec-a4e3-f406bc93b8ac'} | ${'logs keep ids for ever: the namespace and the form never change'}
    ${['Größe']}   | ${'fbda041a-dfe0-50c9-b6ff-b9e0fe29b901'} | ${'names are hashed as UTF-8, as RFC 9562 wants'}
  `('of $parts is $id: $why', ({ parts, id }: { parts: string[]; id: string }) => {
    expect(uuids.derive(...parts)).toBe(id);
  });

  test.each`
    one            | other          | why
    ${['a', 'b']}  | ${['ab']}      | ${'parts do not run together'}
    ${['a', 'b']}  | ${['b', 'a']}  | ${'order counts'}
    ${['a']}       | ${['a', '']}   | ${'an empty part is a part'}
    ${['a"', 'b']} | ${['a', '"b']} | ${'no part can pretend to be a border'}
  `('of $one and $other differ: $why', ({ one, other }: { one: string[]; other: string[] }) => {
    expect(uuids.derive(...one)).not.toBe(uuids.derive(...other));
  });

  test('are UUIDs of version 5, so that they may be part of a stream name', () => {
    const id = uuids.derive('x');
    expect(isUuid(id)).toBe(true);
    expect(id[14]).toBe('5');
  });
});

test('fresh ids are UUIDs of version 7 that sort by age, so that neighbours in time are neighbours in an index', () => {
  const ids = Array.from({ length: 1_000 }, () => uuids.next());
  expect(ids.every((id) => isUuid(id) && id.startsWith('7', 14))).toBe(true);
  expect(ids).toEqual([...new Set(ids)].sort());
});
