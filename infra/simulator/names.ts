import type { Random } from './random.ts';

export interface FileName {
  /** The object's key in the input bucket, as it is. */
  readonly objectKey: string;
  /** The bare name as the pipeline stores it: the event's spelling. */
  readonly fileKey: string;
}

const NAMES = [
  { weight: 86, make: datedName },
  { weight: 3, make: (date: string, random: Random) => `${date} with space ${random.hex(8)}.ndjson` },
  { weight: 3, make: (date: string, random: Random) => `${date}+plus&more-${random.hex(8)}.ndjson` },
  { weight: 3, make: (date: string, random: Random) => `${date}-caf\u00e9-${random.hex(8)}.ndjson` },
  { weight: 2, make: (date: string, random: Random) => `${date}-100%#${random.hex(8)}.ndjson` },
];
const UNDATED = { weight: 3, make: (_date: string, random: Random) => `nodate-${random.hex(8)}.ndjson` };

const FOLDERS = [
  { weight: 75, folder: (date: string) => `pipeline/input/${date}/` },
  { weight: 15, folder: () => 'pipeline/input/' },
  { weight: 10, folder: (date: string) => `pipeline/input/dt=${date}/` },
];

/** A name as the pipeline's producers make them. One without a date is filed under today, so only today's occur. */
export function inputName(date: string, isToday: boolean, random: Random): FileName {
  const kind = random.pick(isToday ? [...NAMES, UNDATED] : NAMES);
  const name = kind.make(date, random);
  const folder = kind === UNDATED ? 'pipeline/input/' : random.pick(FOLDERS).folder(date);
  return { objectKey: folder + name, fileKey: eventSpelling(name) };
}

/** A name as S3 events spell it: URL-encoded, a space as `+`. */
function eventSpelling(name: string): string {
  return encodeURIComponent(name).replaceAll('%20', '+');
}

function datedName(date: string, random: Random): string {
  const clock = [23, 59, 59].map((most) => String(random.integer(0, most)).padStart(2, '0')).join('');
  const source = String(random.integer(1, 9_999)).padStart(4, '0');
  return `${date}-test${source}-${clock}-${random.uuid()}.ndjson`;
}
