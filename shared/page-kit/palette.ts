/** The colours that distinguish kinds of things; a page decides which kind has which. */
export const TONES = ['grey', 'sky', 'blue', 'green', 'orange', 'purple', 'slate'] as const;
export type Tone = (typeof TONES)[number];

/** The colours of one theme. */
export interface Palette {
  readonly page: string;
  readonly card: string;
  /** The background of pressed, marked or empty areas. */
  readonly well: string;
  readonly line: string;
  readonly text: string;
  /** Less important text. */
  readonly dim: string;
  readonly link: string;
  readonly good: string;
  readonly warning: string;
  readonly bad: string;
  readonly tones: Readonly<Record<Tone, string>>;
}

// Tones differ in lightness as much as in hue, so that people with any kind of colour blindness can tell them apart;
// `palette.test.ts` measures it. Slate is for everything else, and is recognized by its shape (`glyph.ts`).
export const LIGHT: Palette = {
  page: '#f4f6f8',
  card: '#ffffff',
  well: '#eef1f5',
  line: '#dde3ea',
  text: '#16202c',
  dim: '#586474',
  link: '#0b5cad',
  good: '#0a7d5a',
  warning: '#8a5a00',
  bad: '#b93815',
  tones: {
    grey: '#808992',
    sky: '#2f98ea',
    blue: '#1b3286',
    green: '#116351',
    orange: '#e9621e',
    purple: '#9637b0',
    slate: '#586474',
  },
};

export const DARK: Palette = {
  page: '#0f151c',
  card: '#18202a',
  well: '#212b37',
  line: '#2c3846',
  text: '#e6ecf2',
  dim: '#9aa8b7',
  link: '#7cb8f5',
  good: '#4cc79d',
  warning: '#e8b450',
  bad: '#ff8a63',
  tones: {
    grey: '#7c8896',
    sky: '#b5e0f5',
    blue: '#3c76ea',
    green: '#1fc88a',
    orange: '#f4572f',
    purple: '#d790ea',
    slate: '#9aa8b7',
  },
};

/** A palette as CSS variables: `--card`, `--green` and so on. */
export function variablesOf({ tones, ...palette }: Palette): string {
  const colours = Object.entries({ ...palette, ...tones });
  return colours.map(([name, colour]) => `--${name}:${colour}`).join(';');
}
