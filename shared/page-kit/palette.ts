import type { Status } from '../pipeline/status.ts';

/** What has a colour of its own. */
export type StatusColour = Status | 'other';

/** The colours of one theme. */
export interface Palette {
  readonly page: string;
  readonly card: string;
  /** Behind what is pressed, marked or empty. */
  readonly well: string;
  readonly line: string;
  readonly text: string;
  /** Text of less weight. */
  readonly dim: string;
  readonly link: string;
  readonly good: string;
  readonly warning: string;
  readonly bad: string;
  readonly status: Readonly<Record<StatusColour, string>>;
}

// Statuses differ in lightness as much as in hue: their colours stay apart to eyes that lack any one kind of
// cone (`palette.test.ts` measures it), and each has its own shape besides (`glyph.ts`).
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
  status: {
    pending: '#808992',
    manifested: '#2f98ea',
    processing: '#1b3286',
    completed: '#116351',
    failed: '#e9621e',
    quarantined: '#9637b0',
    other: '#586474',
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
  status: {
    pending: '#7c8896',
    manifested: '#b5e0f5',
    processing: '#3c76ea',
    completed: '#1fc88a',
    failed: '#f4572f',
    quarantined: '#d790ea',
    other: '#9aa8b7',
  },
};

/** A palette as CSS variables: `--card`, `--failed` and so on. */
export function variablesOf({ status, ...palette }: Palette): string {
  const colours = Object.entries({ ...palette, ...status });
  return colours.map(([name, colour]) => `--${name}:${colour}`).join(';');
}
