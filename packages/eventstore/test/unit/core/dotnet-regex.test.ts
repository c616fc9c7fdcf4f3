import { dotnetRegExp } from '../../../core/dotnet-regex';

test.each`
  pattern                    | matches       | differs      | why
  ${'^[^$].*'}               | ${'job'}      | ${'$job'}    | ${'the client excludes system events so'}
  ${String.raw`^[^\$].*`}    | ${'job'}      | ${'$job'}    | ${'an escape that need not be'}
  ${String.raw`^a\-b\_c`}    | ${'a-b_c'}    | ${'a_b'}     | ${'any punctuation may be escaped'}
  ${'job'}                   | ${'my-job-1'} | ${'jab'}     | ${'it may match anywhere'}
  ${String.raw`^\w+$`}       | ${'süß_1'}    | ${'a-b'}     | ${'word characters are those of Unicode'}
  ${String.raw`^[\w-]+$`}    | ${'süß-1'}    | ${'a b'}     | ${'in classes too, where a last dash is a dash'}
  ${String.raw`^\W+$`}       | ${'-!'}       | ${'ü'}       | ${'and what is none of them'}
  ${String.raw`^[\W\d]+$`}   | ${'-1٣'}      | ${'ü'}       | ${'in classes too'}
  ${String.raw`^\d$`}        | ${'٣'}        | ${'a'}       | ${'digits are those of Unicode'}
  ${String.raw`\bü\b`}       | ${'a ü b'}    | ${'süß'}     | ${'word boundaries as well'}
  ${String.raw`ü\Bß`}        | ${'süß'}      | ${'sü ß'}    | ${'and what is no boundary'}
  ${String.raw`\Ajob-\d+\z`} | ${'job-12'}   | ${'job-12x'} | ${'anchors of .NET'}
  ${'^(?i)job'}              | ${undefined}  | ${undefined} | ${'options in the middle'}
  ${'(?i)^JOB'}              | ${'job-1'}    | ${'xjob'}    | ${'options at the start'}
  ${'(?is)^A.B'}             | ${'a\nb'}     | ${'ab'}      | ${'several options'}
  ${'(?m)^b$'}               | ${'a\nb\nc'}  | ${'abc'}     | ${'lines'}
  ${'^a.b$'}                 | ${'a\rb'}     | ${'a\nb'}    | ${'a dot is all but a line feed'}
  ${'^a$'}                   | ${'a\n'}      | ${'a\n\n'}   | ${'the end may be before a last line feed'}
  ${'^a{x}$'}                | ${'a{x}'}     | ${'a'}       | ${'braces that count nothing'}
  ${'^a{2,3}?$'}             | ${'aaa'}      | ${'a'}       | ${'braces that count'}
  ${'^]}$'}                  | ${']}'}       | ${'}'}       | ${'lone closing brackets'}
  ${'^[]a]+$'}               | ${'a]'}       | ${'b'}       | ${'a bracket that comes first in its class'}
  ${'^[a-z-[aeiou]]+$'}      | ${'xyz'}      | ${'xay'}     | ${'a class less another'}
  ${'^[a&&b|{}(]+$'}         | ${'a&b|{}('}  | ${'c'}       | ${'nothing is special in a class'}
  ${'^[--/]$'}               | ${'.'}        | ${'0'}       | ${'a range that begins with a dash'}
  ${String.raw`^\p{Lu}`}     | ${'Ü'}        | ${'ü'}       | ${'categories'}
  ${"^(?'x'a)\\k<x>$"}       | ${'aa'}       | ${'a'}       | ${'named groups, quoted'}
  ${'^(?<x>a)(b)\\2$'}       | ${'abb'}      | ${'ab'}      | ${'groups by name and by number'}
  ${'^(?#note)a'}            | ${'a'}        | ${'b'}       | ${'comments'}
  ${'^(?!\\$)(?:a|b)'}       | ${'a'}        | ${'$a'}      | ${'looking ahead'}
  ${'(?<!x)y'}               | ${'y'}        | ${'xy'}      | ${'looking behind'}
  ${'^\\x41\\u0042\\e$'}     | ${'AB\u001b'} | ${'AB'}      | ${'characters by number'}
  ${'^\\[a\\]\\/'}           | ${'[a]/'}     | ${'a'}       | ${'escaped brackets'}
  ${'^😀+$'}                 | ${'😀😀'}     | ${'x'}       | ${'what lies beyond 16 bits'}
`('$pattern: $why', ({ pattern, matches, differs }) => {
  const expression = dotnetRegExp(pattern as string);
  if (matches === undefined) expect(expression).toBeUndefined();
  else {
    expect(expression?.test(matches as string)).toBe(true);
    expect(expression?.test(differs as string)).toBe(false);
  }
});

test.each([
  '(',
  '[a',
  'a**',
  String.raw`\y`,
  '(?>a)',
  '(?(a)b|c)',
  '(?<a-b>c)',
  '(?x)a',
  'a\\',
  '[b-a]',
])('%s is refused: it does not compile, or JavaScript has nothing like it', (pattern) => {
  expect(dotnetRegExp(pattern)).toBeUndefined();
});
