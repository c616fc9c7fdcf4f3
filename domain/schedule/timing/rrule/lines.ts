import { flaw, isFlaw, quoted, type Flaw } from '../problem';

/** A line of iCalendar: `DTSTART;TZID=Europe/Berlin:20260101T090000`. */
export type Line = {
  readonly name: string;
  readonly value: string;
  readonly parameters: ReadonlyMap<string, string>;
};

const readLine = (line: string): Line | Flaw => {
  const colon = line.indexOf(':');
  if (colon < 0)
    return flaw(`the line ${quoted(line)} is not NAME:value, such as RRULE:FREQ=DAILY`);
  const [name = '', ...parameterTexts] = line.slice(0, colon).split(';');
  const parameters = new Map<string, string>();
  for (const text of parameterTexts) {
    const [key = '', value = ''] = text.split('=', 2);
    parameters.set(key.toUpperCase(), value.replaceAll('"', ''));
  }
  return { name: name.toUpperCase(), value: line.slice(colon + 1).trim(), parameters };
};

/** The lines of a text, those that were folded (RFC 5545, 3.1) in one piece. */
export const readLines = (text: string): readonly Line[] | Flaw => {
  const lines: Line[] = [];
  for (const text_ of text.replace(/\r?\n[ \t]/g, '').split(/\r?\n/)) {
    if (text_.trim() === '') continue;
    const line = readLine(text_.trim());
    if (isFlaw(line)) return line;
    lines.push(line);
  }
  return lines;
};
