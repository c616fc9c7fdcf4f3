import * as fc from 'fast-check';
import {
  merkleProof,
  merkleRoot,
  rootFromProof,
  type Sha256,
} from '../../../../domain/seal/merkle';
import { sha256 } from '../../../../infra/sha256';

const leafOf = (data: Uint8Array): Uint8Array => sha256(Uint8Array.of(0, ...data));
const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex');

/** The test inputs and roots of the Certificate Transparency reference implementation. */
const inputs = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
].map((text) => leafOf(Buffer.from(text, 'hex')));

test.each`
  size | root
  ${1} | ${'6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'}
  ${2} | ${'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125'}
  ${3} | ${'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77'}
  ${4} | ${'d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7'}
  ${5} | ${'4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4'}
  ${6} | ${'76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef'}
  ${7} | ${'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c'}
  ${8} | ${'5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328'}
`('a tree of $size leaves has the root that RFC 6962 gives it', ({ size, root }) => {
  expect(hex(merkleRoot(inputs.slice(0, Number(size)), sha256))).toBe(root);
});

/** The definition in the RFC, word by word. */
const definedRoot = (leaves: readonly Uint8Array[], hash: Sha256): Uint8Array => {
  const [only] = leaves;
  if (leaves.length === 1 && only) return only;
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return hash(
    Uint8Array.of(
      1,
      ...definedRoot(leaves.slice(0, k), hash),
      ...definedRoot(leaves.slice(k), hash),
    ),
  );
};

const trees = fc
  .integer({ min: 1, max: 70 })
  .chain((size) =>
    fc.tuple(fc.constant(size), fc.subarray(Array.from({ length: size }, (_, i) => i))),
  );
const leavesOf = (size: number): readonly Uint8Array[] =>
  Array.from({ length: size }, (_, i) => leafOf(Uint8Array.of(i)));

test('whatever leaves somebody has, the proof gives the root of the definition', () => {
  fc.assert(
    fc.property(trees, ([size, indexes]) => {
      const leaves = leavesOf(size);
      const proof = merkleProof(leaves, indexes, sha256);
      const known = new Map(indexes.map((i) => [i, leaves[i] ?? new Uint8Array()]));
      const root = hex(definedRoot(leaves, sha256));
      expect(hex(merkleRoot(leaves, sha256))).toBe(root);
      expect(hex(rootFromProof(size, known, proof, sha256))).toBe(root);
    }),
  );
});

test('a proof with a hash too many or too few gives no root, so that nothing can hide in it', () => {
  const leaves = leavesOf(11);
  const known = new Map([3, 4].map((i) => [i, leaves[i] ?? new Uint8Array()]));
  const proof = merkleProof(leaves, [3, 4], sha256);
  expect(
    rootFromProof(11, known, [...proof, sha256(proof[0] ?? Buffer.of())], sha256),
  ).toBeUndefined();
  expect(rootFromProof(11, known, proof.slice(1), sha256)).toBeUndefined();
});

test('a leaf at another place gives another root', () => {
  const leaves = leavesOf(8);
  const proof = merkleProof(leaves, [2], sha256);
  const moved = rootFromProof(8, new Map([[3, leaves[2] ?? Buffer.of()]]), proof, sha256);
  expect(hex(moved)).not.toBe(hex(merkleRoot(leaves, sha256)));
});
