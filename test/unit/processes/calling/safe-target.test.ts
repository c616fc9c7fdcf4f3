import type { LookupAddress } from 'node:dns';
import {
  checkTarget,
  ForbiddenTarget,
  isPublicAddress,
  publicLookup,
} from '../../../../processes/calling/safe-target';

test.each`
  address               | why
  ${'127.0.0.1'}        | ${'loopback'}
  ${'10.1.2.3'}         | ${'private'}
  ${'172.16.0.1'}       | ${'private'}
  ${'192.168.1.1'}      | ${'private'}
  ${'169.254.169.254'}  | ${'link-local, where clouds keep their secrets'}
  ${'100.64.0.1'}       | ${'carrier-grade NAT'}
  ${'0.0.0.0'}          | ${'unspecified'}
  ${'255.255.255.255'}  | ${'broadcast'}
  ${'224.0.0.1'}        | ${'multicast'}
  ${'192.0.2.1'}        | ${'documentation'}
  ${'198.18.0.1'}       | ${'benchmarking'}
  ${'240.0.0.1'}        | ${'reserved'}
  ${'::1'}              | ${'loopback'}
  ${'::'}               | ${'unspecified'}
  ${'fe80::1'}          | ${'link-local'}
  ${'fe80::1%eth0'}     | ${'link-local with a zone'}
  ${'fc00::1'}          | ${'unique local'}
  ${'ff02::1'}          | ${'multicast'}
  ${'::ffff:127.0.0.1'} | ${'IPv4 in IPv6'}
  ${'::ffff:7f00:1'}    | ${'IPv4 in IPv6, in hex'}
  ${'::7f00:1'}         | ${'IPv4-compatible'}
  ${'64:ff9b::7f00:1'}  | ${'NAT64'}
  ${'64:ff9b:1::a00:1'} | ${'NAT64 for local use'}
  ${'2002:7f00:1::'}    | ${'6to4'}
  ${'2001:0:1::1'}      | ${'Teredo'}
  ${'not an address'}   | ${'no address at all'}
`('$address is not called: $why', ({ address }: { address: string }) => {
  expect(isPublicAddress(address)).toBe(false);
});

test.each(['8.8.8.8', '2606:4700:4700::1111', '::ffff:8.8.8.8'])('%s is public', (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

test.each`
  location                         | why
  ${'http://127.1/'}               | ${'a short form of loopback'}
  ${'http://2130706433/'}          | ${'loopback as one number'}
  ${'http://0x7f.1/'}              | ${'loopback in hex'}
  ${'http://①②⑦.⓪.⓪.①/'}           | ${'loopback in circled digits'}
  ${'http://%31%32%37.0.0.1/'}     | ${'loopback in percent signs'}
  ${'http://[::1]/'}               | ${'loopback in IPv6'}
  ${'http://[::ffff:7f00:1]/'}     | ${'loopback in IPv4 in IPv6'}
  ${'http://[64:ff9b::7f00:1]/'}   | ${'loopback behind NAT64'}
  ${'http://0.0.0.0/'}             | ${'every interface'}
  ${'http://user:pw@example.com/'} | ${'credentials do not belong into a location'}
`(
  '$location is refused before anything is looked up: $why',
  ({ location }: { location: string }) => {
    expect(() => {
      checkTarget(new URL(location));
    }).toThrow(ForbiddenTarget);
  },
);

test('a name is left to the lookup', () => {
  expect(() => {
    checkTarget(new URL('https://example.com:8443/hook'));
  }).not.toThrow();
});

const lookUp = (addresses: readonly LookupAddress[], all: boolean): Promise<unknown> =>
  new Promise((resolve, reject) => {
    publicLookup((_host, done) => {
      done(null, addresses);
    })('example.com', { all }, (error, address) => {
      if (error) reject(error);
      else resolve(address);
    });
  });
const publicOne = { address: '8.8.8.8', family: 4 };
const privateOne = { address: '10.0.0.1', family: 4 };

test('a name that leads to public addresses only is connected to what was checked', async () => {
  await expect(lookUp([publicOne], false)).resolves.toBe('8.8.8.8');
  await expect(lookUp([publicOne], true)).resolves.toEqual([publicOne]);
});

test('one private address among public ones is enough to refuse: the socket might choose it', async () => {
  await expect(lookUp([publicOne, privateOne], true)).rejects.toThrow(ForbiddenTarget);
  await expect(lookUp([privateOne], false)).rejects.toThrow(ForbiddenTarget);
});

test('a name without addresses is an error, not a connection to nowhere', async () => {
  await expect(lookUp([], true)).rejects.toThrow('no address');
});
