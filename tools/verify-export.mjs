// Checks a file of `punctual audit export` against public keys. Needs Node.js and nothing else:
//   node verify-export.mjs FILE PUBLIC_KEY.pem [PUBLIC_KEY.pem ...]
// docs/audit.md, "Seals", tells what is signed and how; this file follows it line by line.
import { Buffer } from 'node:buffer';
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';

class Wrong extends Error {}
const must = (isTrue, message) => {
  if (!isTrue) throw new Wrong(message);
};
const sha256 = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest();

// --- keys: the id of a key is the start of the SHA-256 of its SPKI DER
const keyRing = (files) =>
  new Map(
    files.map((file) => {
      const key = createPublicKey(readFileSync(file));
      must(key.asymmetricKeyType === 'ed25519', `${file} holds no Ed25519 key`);
      const der = key.export({ type: 'spki', format: 'der' });
      return [sha256(der).toString('hex').slice(0, 16), key];
    }),
  );

// --- seals: the signed text has a line a field
const sealText = (seal) =>
  Buffer.from(
    [
      'punctual log seal 1',
      `block ${seal.block}`,
      `after ${seal.after}`,
      `to ${seal.to}`,
      `events ${seal.events}`,
      `created-from ${seal.createdFrom}`,
      `created-to ${seal.createdTo}`,
      `root ${seal.root}`,
      `index ${seal.indexHash}`,
      `previous ${seal.previous}`,
      `key ${seal.keyId}`,
      `sealed-at ${seal.sealedAt}`,
      '',
    ].join('\n'),
  );

// --- leaves: a zero byte, three numbers, six fields after their lengths
const int64 = (text) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(text));
  return bytes;
};
const field = (bytes) => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};
const bytesOf = (event, name) =>
  event[name] === undefined
    ? Buffer.from(event[`${name}Base64`], 'base64')
    : Buffer.from(event[name]);
const leafOf = (event) =>
  sha256(
    Buffer.of(0),
    ...[event.position, event.revision, event.createdTicks].map(int64),
    ...[event.stream, event.id, event.type, event.contentType].map((text) =>
      field(Buffer.from(text)),
    ),
    ...['data', 'metadata'].map((name) => field(bytesOf(event, name))),
  );

// --- Merkle tree of RFC 6962; the proof has the roots of the largest subtrees that are left out, from left to right
const rootOf = (size, leaves, proof) => {
  const shownBefore = [0]; // how many leaves left of each place are shown
  for (let i = 0; i < size; i += 1) shownBefore.push(shownBefore[i] + (leaves.has(i) ? 1 : 0));
  const rest = [...proof];
  const root = (low, high) => {
    if (shownBefore[low] === shownBefore[high]) return Buffer.from(rest.shift() ?? '', 'hex');
    if (high - low === 1) return leaves.get(low);
    let half = 1;
    while (half * 2 < high - low) half *= 2;
    return sha256(Buffer.of(1), root(low, low + half), root(low + half, high));
  };
  const whole = root(0, size).toString('hex');
  return rest.length === 0 ? whole : 'a proof with too many hashes';
};

const nameOf = (event) =>
  `${event.type} ${event.stream}@${event.revision}, position ${event.position}`;

const checkBlock = ({ seal, proof, events }, keys) => {
  const name = `block ${seal.block}`;
  const key = keys.get(seal.keyId);
  must(key, `${name}: signed by key ${seal.keyId}, which is not among the keys given`);
  const isSigned = verify(null, sealText(seal), key, Buffer.from(seal.signature, 'base64'));
  must(isSigned, `${name}: its seal is not what key ${seal.keyId} has signed`);
  for (const [i, { index }] of events.entries())
    must(
      index < seal.events && (i === 0 || index > events[i - 1].index),
      `${name}: its events are out of order at ${nameOf(events[i])}`,
    );
  const root = rootOf(
    seal.events,
    new Map(events.map((event) => [event.index, leafOf(event)])),
    proof,
  );
  if (root === seal.root) return;
  const first = events[0] ? `; the first event of it in this file is ${nameOf(events[0])}` : '';
  throw new Wrong(`${name}: its events or their proof do not give the sealed root${first}`);
};

// --- nothing is left out between the first and the last event
const checkWindow = ({ window: { from, to } }, blocks) => {
  const all = blocks.flatMap(({ seal, events }) => events.map((event) => ({ ...event, seal })));
  must(all.length > 0, 'it holds no event');
  for (const [i, event] of all.entries()) {
    const before = all[i - 1];
    const isNext = !before
      ? event.role === 'before' || (event.seal.block === 1 && event.index === 0)
      : event.seal === before.seal
        ? event.index === before.index + 1
        : before.index === before.seal.events - 1 && event.index === 0;
    must(isNext, `something is missing before ${nameOf(event)}`);
    must(['before', 'window', 'after'].includes(event.role), `${nameOf(event)} has no role`);
    must(event.role !== 'before' || i === 0, `${nameOf(event)} is no first event`);
    must(event.role !== 'after' || i === all.length - 1, `${nameOf(event)} is no last event`);
  }
  for (const [i, { seal }] of blocks.entries()) {
    const before = blocks[i - 1]?.seal;
    const isLinked =
      !before ||
      (seal.previous === sha256(sealText(before)).toString('hex') && seal.after === before.to);
    must(isLinked, `block ${seal.block} does not go on from the block before it`);
  }
  const ticks = (time) => BigInt(Date.parse(time)) * 10_000n;
  const isBefore = (event) =>
    from.time
      ? BigInt(event.createdTicks) < ticks(from.time)
      : BigInt(event.position) < BigInt(from.position);
  const isAfter = (event) =>
    to.time
      ? BigInt(event.createdTicks) >= ticks(to.time)
      : BigInt(event.position) > BigInt(to.position);
  for (const event of all) {
    must(event.role !== 'before' || isBefore(event), `${nameOf(event)} is not before the window`);
    must(event.role !== 'after' || isAfter(event), `${nameOf(event)} is not after the window`);
  }
  const last = all.at(-1);
  const isWholeBlock = last.role === 'after' || last.index === last.seal.events - 1;
  must(isWholeBlock, `something is missing after ${nameOf(last)}`);
  return last.role === 'after'
    ? 'nothing is missing between its ends'
    : `nothing is missing up to position ${last.position}, where the seals ended when it was written`;
};

const checkStream = ({ stream }, blocks) => {
  const events = blocks.flatMap((block) => block.events);
  for (const [i, event] of events.entries())
    must(
      event.stream === stream && event.revision === String(i),
      `${stream}@${i} is missing before ${nameOf(event)}`,
    );
  return 'no event is missing before the last one shown';
};

const parse = (text) => {
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line, i) => {
      try {
        return JSON.parse(line);
      } catch {
        throw new Wrong(`line ${i + 1} is no JSON`);
      }
    });
  const [header, end] = [lines[0], lines.at(-1)];
  must(
    header?.kind === 'export' && header.format === 'punctual audit export 1',
    'line 1: it is no export of Punctual',
  );
  must(end?.kind === 'end', `line ${lines.length + 1}: the file was cut`);
  const blocks = [];
  for (const [i, line] of lines.slice(1, -1).entries()) {
    must(
      line.kind === 'block' || (line.kind === 'event' && blocks.length > 0),
      `line ${i + 2}: it is neither a block nor an event of one`,
    );
    if (line.kind === 'block') blocks.push({ ...line, events: [] });
    else blocks.at(-1).events.push(line);
  }
  const shown = blocks
    .flatMap(({ events }) => events)
    .filter(({ role }) => role === 'window').length;
  must(end.events === shown, `${end.events} events were written, ${shown} are here`);
  return { header, blocks, shown };
};

const [file, ...keyFiles] = process.argv.slice(2);
try {
  must(file && keyFiles.length > 0, 'usage: node verify-export.mjs FILE PUBLIC_KEY.pem ...');
  const { header, blocks, shown } = parse(readFileSync(file, 'utf8'));
  const keys = keyRing(keyFiles);
  for (const block of blocks) checkBlock(block, keys);
  const complete =
    header.stream === undefined ? checkWindow(header, blocks) : checkStream(header, blocks);
  process.stdout.write(
    `ok: ${shown} events in ${blocks.length} sealed blocks are as they were sealed; ${complete}\n`,
  );
} catch (error) {
  process.stderr.write(`${file ?? 'verify-export'}: ${error.message}\n`);
  process.exitCode = 1;
}
