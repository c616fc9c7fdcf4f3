import fc from 'fast-check';
import { encodeFrames, frameReader } from '../../../transport/frames';
import { CallError } from '../../../wire/call-error';

const messages = fc.array(
  fc.uint8Array({ maxLength: 50 }).map((b) => Buffer.from(b)),
  {
    maxLength: 8,
  },
);

test('messages survive however the network cuts them', () => {
  fc.assert(
    fc.property(messages, fc.array(fc.integer({ min: 1, max: 30 })), (sent, cuts) => {
      const bytes = encodeFrames(sent);
      const { read, end } = frameReader();
      const received: Buffer[] = [];
      let at = 0;
      for (const size of [...cuts, bytes.length]) {
        received.push(...read(bytes.subarray(at, at + size)).map((m) => Buffer.from(m)));
        at = Math.min(bytes.length, at + size);
      }
      expect(received).toEqual(sent);
      expect(end).not.toThrow();
    }),
  );
});

test.each`
  prefix                         | status | why
  ${[1, 0, 0, 0, 1, 0]}          | ${12}  | ${'compression was never offered'}
  ${[0, 0x7f, 0xff, 0xff, 0xff]} | ${8}   | ${'a length of 2 GB would be buffered'}
`('a frame is refused: $why', ({ prefix, status }) => {
  const refusal = (): unknown => frameReader().read(Buffer.from(prefix as number[]));
  expect(refusal).toThrow(CallError);
  expect(refusal).toThrow(expect.objectContaining({ status: status as number }) as Error);
});

test('a request that ends inside a message is refused: half an append is none', () => {
  const { read, end } = frameReader();
  read(encodeFrames([Buffer.from('whole')]).subarray(0, 7));
  expect(end).toThrow('inside a message');
});
