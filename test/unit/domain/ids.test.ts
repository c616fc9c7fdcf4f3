import {
  isJobId,
  isQueueName,
  isStreamMetadata,
  isTombstone,
  isUuid,
  jobIdOf,
  jobStream,
  metadataStream,
  shardOf,
  streamOfMetadata,
} from '../../../domain/ids';

const JOB = '019ab000-0000-7000-8000-00000000002a';
const OTHER_VERSION = JOB.replace('-7', '-4');

test.each([
  [JOB, true],
  [JOB.toUpperCase(), false],
  [`${JOB}0`, false],
  [`x${JOB}`, false],
  [JOB.replaceAll('-', ''), false],
  [JOB.slice(1), false],
  ['', false],
])('%j is a UUID in lower case: %s, for nothing else becomes part of a name', (text, is) => {
  expect(isUuid(text)).toBe(is);
});

test.each([
  [JOB, true],
  [JOB.replace('-7', '-5'), true],
  [OTHER_VERSION, false],
  ['7', false],
])('%j is an id of ours: %s, by the versions that we make', (text, is) => {
  expect(isJobId(text)).toBe(is);
});

test('the stream of a job gives back its job, and that of another program none', () => {
  expect(jobIdOf(jobStream(JOB))).toBe(JOB);
  expect(jobIdOf(`job-${OTHER_VERSION}`)).toBeUndefined();
  expect(jobIdOf(`bob-${JOB}`)).toBeUndefined();
  expect(jobIdOf(JOB)).toBeUndefined();
});

test('metadata of a stream has a name of its own, and the metadata of metadata is the system’s', () => {
  expect(metadataStream('job-1')).toBe('$$job-1');
  expect(streamOfMetadata('$$job-1')).toBe('job-1');
  expect(['$$job-1', '$$$ce-job', 'job-1', '$ce-job', 'x$$job-1'].map(isStreamMetadata)).toEqual([
    ...[true, false, false, false, false],
  ]);
});

test('a tombstone is the one event that a server writes by itself', () => {
  expect(['$streamDeleted', '$metadata', 'JobScheduled'].map(isTombstone)).toEqual([
    ...[true, false, false],
  ]);
});

test('the shard of a job is the last byte of its id', () => {
  expect(shardOf(JOB)).toBe(0x2a);
  expect(shardOf(JOB.replace('2a', 'ff'))).toBe(255);
});

test.each([
  ['mail', true],
  ['Mail_2-x', true],
  ['a'.repeat(64), true],
  ['a'.repeat(65), false],
  ['', false],
  ['a.b', false],
  ['a b', false],
  ['>', false],
  ['mail\n', false],
])('%j may be the name of a queue: %s, for it is part of a subject', (name, may) => {
  expect(isQueueName(name)).toBe(may);
});
