import { Writable } from 'node:stream';
import { reportTo } from '../../../cli/report';

const collecting = () => {
  let text = '';
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      text += chunk.toString();
      done();
    },
  });
  return { stream, text: () => text };
};

const told = (isJson: boolean) => {
  const [stdout, stderr] = [collecting(), collecting()];
  let nowMs = 0;
  const report = reportTo(
    { stdout: stdout.stream, stderr: stderr.stream, monotonicMs: () => nowMs },
    isJson,
  );
  return {
    ...report,
    at: (ms: number): void => {
      nowMs = ms;
    },
    stdout: stdout.text,
    stderr: stderr.text,
  };
};

test('people read results on stdout and a line of progress a second on stderr, with rate and time left', () => {
  const report = told(false);
  report.progress('scanning', 0, 0);
  report.at(500);
  report.progress('scanning', 10, 0.1);
  report.at(2_000);
  report.progress('scanning', 1_000, 0.25);
  report.tell('sum', { jobs: 3 }, '3 jobs');
  expect(report.stderr()).toBe('scanning: 1000 events, 500/s, 25 %, 6 s left\n');
  expect(report.stdout()).toBe('3 jobs\n');
});

test('programs read JSON lines on stdout only, positions as texts, for JSON has no bigint', () => {
  const report = told(true);
  report.progress('scanning', 0);
  report.at(1_000);
  report.progress('scanning', 1_000);
  report.tell('swapped', { position: 2n ** 60n }, 'swapped');
  expect(report.stderr()).toBe('');
  expect(report.stdout()).toBe(
    '{"kind":"progress","doing":"scanning","events":1000,"perSecond":1000}\n' +
      '{"kind":"swapped","position":"1152921504606846976"}\n',
  );
});

test('another kind of work begins its own rate, so that a slow phase does not borrow from a fast one', () => {
  const report = told(false);
  report.progress('scanning', 1_000_000, 1);
  report.at(10_000);
  report.progress('comparing', 0, 0);
  report.at(12_000);
  report.progress('comparing', 100, 0.5);
  expect(report.stderr()).toBe('comparing: 100 events, 50/s, 50 %, 2 s left\n');
});
