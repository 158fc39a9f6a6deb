import type { Random } from './random.ts';

type Spelling = (millis: number) => string | number;

/** How a writer spells times. */
export type TimeSpelling = keyof typeof USUAL | keyof typeof ODD;

const iso = (millis: number) => new Date(millis).toISOString();
// The digits after the milliseconds are made up.
const micros = (millis: number) => iso(millis).slice(0, -1) + String(millis % 997).padStart(3, '0');

/** Those of the pipeline's own writers. */
const USUAL = {
  offset_micros: (millis) => `${micros(millis)}+00:00`,
  zulu_millis: iso,
  zulu_seconds: (millis) => `${iso(millis).slice(0, 19)}Z`,
  naive_micros: micros,
} satisfies Record<string, Spelling>;

/** Those of other tools. */
const ODD = {
  epoch_seconds: (millis) => Math.floor(millis / 1_000),
  epoch_millis: (millis) => Math.floor(millis),
  epoch_millis_text: (millis) => String(Math.floor(millis)),
  epoch_seconds_text: (millis) => String(Math.floor(millis / 1_000)),
  rfc_2822: (millis) => new Date(millis).toUTCString(),
  space_utc: (millis) => `${iso(millis).slice(0, 19).replace('T', ' ')} UTC`,
  short_offset: (millis) => `${iso(millis).slice(0, 19)}+00`,
  basic: (millis) => `${iso(millis).slice(0, 19).replaceAll(/[-:]/g, '')}Z`,
  unreadable: () => 'yesterday',
} satisfies Record<string, Spelling>;

const SPELLINGS: Readonly<Record<TimeSpelling, Spelling>> = { ...USUAL, ...ODD };
const USUAL_CHOICES = choicesOf(USUAL).map((choice, index) => ({ ...choice, weight: index === 0 ? 7 : 1 }));
const ODD_CHOICES = choicesOf(ODD);

export function usualSpelling(random: Random): TimeSpelling {
  return random.pick(USUAL_CHOICES).spelling;
}

export function oddSpelling(random: Random): TimeSpelling {
  return random.pick(ODD_CHOICES).spelling;
}

/** A time as this writer spells it. */
export function spellTime(millis: number, spelling: TimeSpelling): string | number {
  return SPELLINGS[spelling](millis);
}

function choicesOf<Name extends TimeSpelling>(spellings: Record<Name, Spelling>) {
  return (Object.keys(spellings) as Name[]).map((spelling) => ({ spelling, weight: 1 }));
}
