import { holds, parseAcl, rightFor } from '../../../access/acl';

const ada = { name: 'ada', isAdmin: false };
const admin = { name: 'admin', isAdmin: true };

test.each([
  { acl: undefined, ada: true, why: 'a plain stream is everybody’s' },
  { acl: {}, ada: true, why: 'what is not named has its default' },
  { acl: { $r: null }, ada: true, why: 'null names nobody' },
  { acl: { $r: 'ada' }, ada: true, why: 'one name is a list of one' },
  { acl: { $r: ['bob', 'ada'] }, ada: true, why: 'she is in the list' },
  { acl: { $r: ['$all'] }, ada: true, why: '$all is everybody' },
  { acl: { $r: [] }, ada: false, why: 'an empty list is nobody' },
  { acl: { $r: ['$admins'] }, ada: false, why: 'she is no admin' },
  { acl: { $r: { no: 'list' } }, ada: false, why: 'what is no role lets nobody in' },
  { acl: '$systemStreamAcl', ada: false, why: 'the default of system streams by name' },
  { acl: '$userStreamAcl', ada: true, why: 'the default of plain streams by name' },
])('with $acl ada may read: $ada, for $why; an admin always may', ({ acl, ada: may }) => {
  const parsed = parseAcl(acl === undefined ? {} : { $acl: acl });
  expect(holds(ada, 's', '$r', parsed)).toBe(may);
  expect(holds(admin, 's', '$r', parsed)).toBe(true);
});

test('a system stream is for admins until its ACL says otherwise', () => {
  expect(holds(ada, '$sys', '$r', {})).toBe(false);
  expect(holds(ada, '$sys', '$r', { $r: ['ada'] })).toBe(true);
  expect(holds(ada, '$sys', '$w', { $r: ['ada'] })).toBe(false);
});

test.each([
  { stream: 's', action: 'read', owner: 's', right: '$r' },
  { stream: 's', action: 'write', owner: 's', right: '$w' },
  { stream: 's', action: 'delete', owner: 's', right: '$d' },
  { stream: '$$s', action: 'read', owner: 's', right: '$mr' },
  { stream: '$$s', action: 'write', owner: 's', right: '$mw' },
  { stream: '$$s', action: 'delete', owner: 's', right: '$mw' },
  { stream: '$$$sys', action: 'read', owner: '$sys', right: '$mr' },
] as const)('to $action $stream takes $right of $owner', ({ stream, action, owner, right }) => {
  expect(rightFor(stream, action)).toEqual({ stream: owner, right });
});
