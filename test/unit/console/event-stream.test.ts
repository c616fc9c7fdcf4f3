import { streamReader } from '../../../console/live/event-stream';

// what comes over the live line, whatever the network makes of it

const STREAM = ': lag 5\n\nid: 7\nevent: status\ndata: {"a":\ndata: 1}\n\nid: 8\n\ndata: x\n\n';
const WHOLE = [
  { event: 'comment', data: 'lag 5' },
  { event: 'status', data: '{"a":\n1}' },
  { event: 'message', data: 'x' },
];

test.each([
  ['\\n', STREAM],
  ['\\r\\n, as a proxy may make of it', STREAM.replaceAll('\n', '\r\n')],
])(
  'events with lines that end in %s are whole wherever they are cut, for a network cuts anywhere',
  (_ends, text) => {
    for (let at = 0; at < text.length; at += 1) {
      const reader = streamReader(undefined);
      expect([...reader.take(text.slice(0, at)), ...reader.take(text.slice(at))]).toEqual(WHOLE);
      expect(reader.lastEventId()).toBe('8');
    }
  },
);

test('an event that is not whole yet moves no position, so that it is sent again when the line breaks there', () => {
  const reader = streamReader('6');
  expect(reader.take('id: 7\ndata: half')).toEqual([]);
  expect(reader.lastEventId()).toBe('6');
  expect(reader.take('\n\n')).toEqual([{ event: 'message', data: 'half' }]);
  expect(reader.lastEventId()).toBe('7');
});
