import { openUsers } from '../../../access/users';

const basic = (login: string, scheme = 'Basic'): string =>
  `${scheme} ${Buffer.from(login).toString('base64')}`;
const users = [
  { name: 'admin', password: 'changeit' },
  { name: 'ada', password: 'a:b:ü' },
  { name: 'root', password: 'r', isAdmin: true },
];

test('the right credentials give the user, at once from the second time on: a call costs no scrypt', async () => {
  const { verify } = await openUsers(users);
  const first = verify(basic('ada:a:b:ü'));
  expect(first).toBeInstanceOf(Promise);
  expect(await first).toMatchObject({ name: 'ada', isAdmin: false });
  expect(verify(basic('ada:a:b:ü'))).toMatchObject({ name: 'ada' });
  expect(verify(basic('ada:a:b:ü', 'bAsIc'))).toMatchObject({ name: 'ada' });
});

test('the user named admin and those given as admins are admins', async () => {
  const { verify } = await openUsers(users);
  expect(await verify(basic('admin:changeit'))).toMatchObject({ isAdmin: true });
  expect(await verify(basic('root:r'))).toMatchObject({ isAdmin: true });
});

test.each(['ada:wrong', 'ada:', 'eve:a:b:ü', 'ADA:a:b:ü', ':'])(
  'the credentials %p are nobody’s, and so they stay',
  async (login) => {
    const { verify } = await openUsers(users);
    expect(await verify(basic(login))).toBeUndefined();
    expect(verify(basic(login))).toBeUndefined();
  },
);

test.each(['', 'Basic', 'Basic !!', 'Bearer abc', basic('nocolon')])(
  'the header %p holds no credentials',
  async (header) => {
    const { verify } = await openUsers(users);
    expect(await verify(header)).toBeUndefined();
  },
);

test('calls of one client that arrive together cost one check', async () => {
  const { verify } = await openUsers(users);
  const first = verify(basic('ada:a:b:ü'));
  expect(verify(basic('ada:a:b:ü'))).toBe(first);
  expect(await first).toMatchObject({ name: 'ada' });
});

test('a password is nowhere in what is kept', async () => {
  const kept = await openUsers([{ name: 'ada', password: 'very-secret' }]);
  await kept.verify(basic('ada:very-secret'));
  expect(JSON.stringify(await kept.verify(basic('ada:very-secret')))).not.toContain('very-secret');
});

test.each([
  { given: [{ name: '', password: 'x' }], says: 'is empty' },
  { given: [{ name: 'a:b', password: 'x' }], says: 'colon' },
  { given: [{ name: '$all', password: 'x' }], says: 'dollar' },
  { given: [{ name: 'ada', password: '' }], says: 'no password' },
  { given: [...users, { name: 'ada', password: 'x' }], says: 'twice' },
])('users that cannot be are refused in a sentence: $says', async ({ given, says }) => {
  await expect(openUsers(given)).rejects.toThrow(says);
});
