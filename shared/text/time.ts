// The form that most writers use, of which a stream brings several per record: it is cut out, not computed. Later
// days of a month are left to the calendar.
const PLAIN_UTC_TIME =
  /^20\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3,9}(?:Z|\+00:00)$/;

const DAY = String.raw`(?<day>\d{1,2})`;
const ZONE = String.raw`(?<zone>Z|UTC|GMT|UT|[+-]\d{2}(?::?\d{2})?)`;
const FRACTION = String.raw`(?:[.,](?<fraction>\d+))?`;
const SPELLINGS = [
  // 2026-11-25T22:15:00.123+01:00, 2026-11-25 22:15:00 UTC
  String.raw`(?<year>\d{4})-(?<month>\d{2})-(?<day>\d{2})[T ](?<hour>\d{2}):(?<minute>\d{2})(?::(?<second>\d{2})${FRACTION})? ?${ZONE}?`,
  // 20261125T221500Z
  String.raw`(?<year>\d{4})(?<month>\d{2})(?<day>\d{2})T(?<hour>\d{2})(?<minute>\d{2})(?:(?<second>\d{2})${FRACTION})? ?${ZONE}?`,
  // Wed, 25 Nov 2026 22:15:00 GMT, as in e-mail and HTTP (RFC 2822, 2.3.3); a comment may follow the zone
  String.raw`(?:[a-z]{3}, *)?${DAY} +(?<name>[a-z]{3}) +(?<year>\d{4}) +(?<hour>\d{2}):(?<minute>\d{2})(?::(?<second>\d{2}))? +${ZONE}(?: *\([^()]*\))?`,
].map((spelling) => new RegExp(`^${spelling}$`, 'i'));

const EPOCH = /^(\d+)(?:[.,](\d*))?$/;
// Floating point numbers of some languages: 1.7956449e+09.
const SCIENTIFIC = /^\d(?:\.\d+)?e\+?\d{1,2}$/i;
const EPOCH_DIGITS = { seconds: 10, milliseconds: 13, microseconds: 16, nanoseconds: 19 };
const MILLIS_DIGITS = EPOCH_DIGITS.milliseconds;
const EPOCH_LENGTHS = new Set(Object.values(EPOCH_DIGITS));

// Programs that know no time write zero, or the first day of a calendar.
const EARLIEST = Date.UTC(2000, 0, 1);
const LATEST = Date.UTC(2100, 0, 1);
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WIDEST_OFFSET_MINUTES = 14 * 60;

/**
 * Reads a time as the writers of the tracking table spell it, text or number: ISO 8601, extended
 * (`2026-11-23T05:22:53.532494+00:00`) or basic (`20261123T052253Z`), with a space for the `T`, a comma for
 * the point, any zone, or none, which means UTC; RFC 2822 (`Mon, 23 Nov 2026 05:22:53 GMT`); and the time
 * since the epoch in seconds, milliseconds, microseconds or nanoseconds. The number of digits tells these
 * apart: between 2001-09-09 and 2100 they are 10, 13, 16 or 19. A date that no
 * calendar has, such as 30 February, or that is not of this century is no time.
 *
 * @param value as the document client gives it: a big number may be text, a bigint or a `NumberValue`
 * @returns the time as `2026-11-23T05:22:53.532Z` (cut to milliseconds), or undefined when it is no time
 */
export function parseFieldTime(value: unknown): string | undefined {
  const text = textOf(value);
  if (text === undefined) return undefined;
  if (PLAIN_UTC_TIME.test(text)) return `${text.slice(0, 19)}.${text.slice(20, 23)}Z`;
  const millis = epochMillis(text) ?? calendarMillis(text);
  return millis !== undefined && millis >= EARLIEST && millis < LATEST ? isoTime(millis) : undefined;
}

function textOf(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return SCIENTIFIC.test(value.trim()) ? String(Number(value)) : value.trim();
    case 'number':
    case 'bigint':
      return String(value);
    case 'object':
      // A number that the document client was configured to keep exactly.
      return value && 'value' in value && typeof value.value === 'string' ? textOf(value.value) : undefined;
    default:
      return undefined;
  }
}

/** Cuts milliseconds out of the digits, since a number could not hold nanoseconds exactly. */
function epochMillis(text: string): number | undefined {
  const [, whole = '', fraction = ''] = EPOCH.exec(text) ?? [];
  if (!EPOCH_LENGTHS.has(whole.length)) return undefined;
  return Number((whole + fraction).padEnd(MILLIS_DIGITS, '0').slice(0, MILLIS_DIGITS));
}

function calendarMillis(text: string): number | undefined {
  const parts = SPELLINGS.map((spelling) => spelling.exec(text)?.groups).find((groups) => groups);
  if (!parts) return undefined;
  const { year, month, name, day, hour, minute, second = '0', fraction = '', zone } = parts;
  const monthIndex = name === undefined ? Number(month) - 1 : MONTHS.indexOf(name.toLowerCase());
  const given = [
    Number(year),
    monthIndex,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  ] as const;
  const millis = Date.UTC(...given, Number(fraction.padEnd(3, '0').slice(0, 3)));
  const offset = offsetMinutes(zone);
  // JavaScript takes 30 February for 2 March.
  const date = new Date(millis);
  const meant = [
    date.getUTCFullYear(),
    date.getUTCMonth(),
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
  ];
  if (offset === undefined || given.some((part, i) => part !== meant[i])) return undefined;
  return millis - offset * 60_000;
}

/** Minutes east of Greenwich; undefined for anything that is not an offset. Without a zone, a time is UTC. */
function offsetMinutes(zone = 'Z'): number | undefined {
  const [, sign, hours, minutes = '00'] = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone) ?? [];
  if (sign === undefined) return 0;
  const total = Number(hours) * 60 + Number(minutes);
  if (Number(minutes) > 59 || total > WIDEST_OFFSET_MINUTES) return undefined;
  return sign === '-' ? -total : total;
}

/**
 * The time when a stream recorded a change, from its `ApproximateCreationDateTime`. Lambda gives seconds since the
 * epoch, a Kinesis data stream of a table milliseconds or microseconds
 * (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateKinesisStreamingConfiguration.html),
 * an SDK a `Date`, and a dead letter of such a record its text.
 *
 * @returns milliseconds since the epoch; undefined when it cannot be read
 */
export function streamedMillis(created: unknown): number | undefined {
  const isDate = created instanceof Date;
  const time = parseFieldTime(isDate ? created.getTime() : created);
  return time === undefined ? undefined : Date.parse(time);
}

/** Milliseconds since the epoch as `2026-11-23T05:22:53.532Z`. */
export function isoTime(millis: number): string {
  return new Date(millis).toISOString();
}

/** Seconds from one `…Z` time to another, to the millisecond; negative when `to` is earlier. */
export function secondsBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 1000;
}

const DAY_MILLIS = 86_400_000;

/** The UTC date, YYYY-MM-DD, of a time in milliseconds since the epoch. */
export function dayOf(millis: number): string {
  return new Date(millis).toISOString().slice(0, 10);
}

/** Whether there is such a day; the pipeline cuts dates out of names, whether they exist or not. */
export function isCalendarDate(date: string): boolean {
  const millis = Date.parse(date);
  return !Number.isNaN(millis) && dayOf(millis) === date;
}

export function addDays(date: string, days: number): string {
  return dayOf(Date.parse(date) + days * DAY_MILLIS);
}

/**
 * Every date of the calendar from `start` to `end`, both included; none when `end` is before `start`. The ends are
 * texts of the form dddd-dd-dd, and need not be dates of the calendar.
 */
export function datesBetween(start: string, end: string): string[] {
  const dates: string[] = [];
  let millis = Date.parse(isCalendarDate(start) ? start : `${start.slice(0, 4)}-01-01T00:00:00Z`);
  for (; millis <= LAST_DAY; millis += DAY_MILLIS) {
    const date = dayOf(millis);
    if (date > end) break;
    if (date >= start) dates.push(date);
  }
  return dates;
}

const LAST_DAY = Date.parse('9999-12-31T00:00:00Z');

/** Whether a date is in a range, of which either end may be open. */
export function isInRange(
  { start, end }: { readonly start?: string | undefined; readonly end?: string | undefined },
  date: string,
): boolean {
  return (!start || date >= start) && (!end || date <= end);
}

/** The date (UTC) that a person means by `today`, `yesterday` or a written date. */
export function resolveDate(text: string, now: number): string {
  if (text === 'today') return dayOf(now);
  return text === 'yesterday' ? addDays(dayOf(now), -1) : text;
}
