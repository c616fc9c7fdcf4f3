import { createHmac } from 'node:crypto';
import { hmacSigner } from '../../../infra/signer';

const key = 'a key of many bytes';
const { seal, isSeal } = hmacSigner(key);

test('a seal is the first 16 bytes of the HMAC, so that another program with the key can check it', () => {
  const whole = createHmac('sha256', key).update('job/1/7').digest();
  expect(seal('job/1/7')).toBe(whole.subarray(0, 16).toString('base64url'));
  expect(isSeal('job/1/7', seal('job/1/7'))).toBe(true);
});

test.each`
  text         | given                                    | why
  ${'job/1/8'} | ${seal('job/1/7')}                       | ${'the text was changed'}
  ${'job/1/7'} | ${''}                                    | ${'an empty seal seals nothing'}
  ${'job/1/7'} | ${seal('job/1/7').slice(0, -1)}          | ${'a part of a seal is none'}
  ${'job/1/7'} | ${`${seal('job/1/7')}A`}                 | ${'a seal has one length'}
  ${'job/1/7'} | ${`${seal('job/1/7')}=`}                 | ${'a seal has one spelling'}
  ${'job/1/7'} | ${hmacSigner(`${key}!`).seal('job/1/7')} | ${'somebody else sealed it'}
  ${'job/1/7'} | ${'ü'.repeat(22)}                        | ${'as many characters, but more bytes'}
`('$given is no seal of $text: $why', ({ text, given }: { text: string; given: string }) => {
  expect(isSeal(text, given)).toBe(false);
});

test('a short key is refused, for it could be guessed', () => {
  expect(() => hmacSigner('short')).toThrow(RangeError);
});
