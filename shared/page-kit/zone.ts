/** A time zone in which times are shown. */
export interface Zone {
  /** Its name, as shown beside times: `UTC`, `Europe/Berlin`, `+05:30`. */
  readonly name: string;
  /** Minutes east of Greenwich at a moment in milliseconds since the epoch. */
  minutesAt(millis: number): number;
}

export const UTC: Zone = { name: 'UTC', minutesAt: () => 0 };

/** A zone with a fixed offset, such as `+05:30`; undefined if the text is not an offset. */
export function fixedZone(offset: string): Zone | undefined {
  const minutes = minutesOf(offset);
  if (minutes === undefined) return undefined;
  return minutes === 0 ? UTC : { name: offset, minutesAt: () => minutes };
}

/** A zone by its name, such as `Europe/Berlin`, with daylight saving time; undefined if there is no zone of that name. */
export function namedZone(timeZone: string): Zone | undefined {
  if (timeZone === UTC.name) return UTC;
  try {
    const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
    const offsetAt = (millis: number) =>
      format.formatToParts(millis).find(({ type }) => type === 'timeZoneName')?.value ?? '';
    // `GMT` alone means no offset.
    return { name: timeZone, minutesAt: (millis) => minutesOf(offsetAt(millis).replace('GMT', '')) ?? 0 };
  } catch {
    return undefined;
  }
}

// Times as `moment` and charts write them: an element with the time, and then its text in UTC.
const TIMES =
  /(<(?:time datetime|title data-at)="([^"]+)"(?: title="[^"]*")?>)(?:\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d(\.\d{3})?(Z?)/g;

/**
 * Finished markup with its times in another zone. Views always write UTC; a page has one reader, so the zone is changed in
 * this one place. With the pointer on a time, the reader still sees it in UTC.
 *
 * @param now milliseconds since the epoch; a time on the zone's current day is shown without its date
 */
export function timesIn(markup: string, zone: Zone, now: number): string {
  if (zone === UTC) return markup;
  const today = zonedText(now, zone).slice(0, DATE_LENGTH);
  return markup.replace(TIMES, (whole, tag: string, time: string, fraction = '', sign = '') => {
    const millis = Date.parse(time);
    if (Number.isNaN(millis)) return whole;
    const text = zonedText(millis, zone);
    const clock = text.slice(DATE_LENGTH + 1, fraction ? WITH_MILLIS : WITH_SECONDS);
    const date = text.startsWith(today) ? '' : `${text.slice(0, DATE_LENGTH)} `;
    return `${tag}${date}${clock}${sign && offsetText(zone.minutesAt(millis))}`;
  });
}

const DATE_LENGTH = 10;
const WITH_SECONDS = 19;
const WITH_MILLIS = 23;

function zonedText(millis: number, zone: Zone): string {
  return new Date(millis + zone.minutesAt(millis) * 60_000).toISOString();
}

function minutesOf(offset: string): number | undefined {
  const [, sign, hours, minutes] = /^([+-])(\d\d):(\d\d)$/.exec(offset) ?? [];
  if (sign === undefined) return undefined;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

function offsetText(minutes: number): string {
  const [hours, rest] = [Math.trunc(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `${minutes < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}:${String(rest).padStart(2, '0')}`;
}
