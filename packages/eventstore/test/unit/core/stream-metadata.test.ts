import {
  firstVisibleRevision,
  isSoftDeleted,
  metadataWithTruncateBefore,
  noMetadata,
  parseStreamMetadata,
  softDeleteData,
} from '../../../core/stream-metadata';

const parsed = (json: string) => parseStreamMetadata(Buffer.from(json));

test('a soft delete writes exactly 2^63-1 and keeps the other fields', () => {
  const data = softDeleteData(parsed('{"$maxCount":3,"owner":"a","$tb":1}'));
  expect(data.toString()).toBe('{"$tb":9223372036854775807,"$maxCount":3,"owner":"a"}');
  expect(isSoftDeleted(parseStreamMetadata(data))).toBe(true);
  expect(softDeleteData(noMetadata).toString()).toBe('{"$tb":9223372036854775807}');
});

test('re-creation shows the stream from its new revision on', () => {
  const data = metadataWithTruncateBefore(parsed('{"$tb":9223372036854775807}'), 5);
  expect(parseStreamMetadata(data)).toMatchObject({ truncateBefore: 5 });
  expect(isSoftDeleted(parseStreamMetadata(data))).toBe(false);
});

test.each`
  json                         | last | first | why
  ${'{}'}                      | ${9} | ${0}  | ${'nothing is hidden'}
  ${'{"$tb":4}'}               | ${9} | ${4}  | ${'what is before $tb is hidden'}
  ${'{"$maxCount":3}'}         | ${9} | ${7}  | ${'the newest three remain'}
  ${'{"$maxCount":3,"$tb":8}'} | ${9} | ${8}  | ${'the stricter one wins'}
  ${'{"$maxCount":30}'}        | ${9} | ${0}  | ${'there are fewer than that'}
  ${'not json'}                | ${9} | ${0}  | ${'what cannot be read counts as none'}
  ${'{"$tb":-1}'}              | ${9} | ${0}  | ${'a revision is not negative'}
`('$json at revision $last shows from $first on: $why', ({ json, last, first }) => {
  expect(firstVisibleRevision(parsed(json as string), last as number)).toBe(first);
});
