import { expect, test } from 'vitest';
import { DARK, LIGHT, type Palette, TONES } from '../../../shared/page-kit/palette.ts';

type Colour = readonly [red: number, green: number, blue: number];

/** Linear light from a colour as CSS has it: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance */
function linear(colour: string): Colour {
  const channel = (at: number) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
}

function contrast(a: string, b: string): number {
  const luminance = ([red, green, blue]: Colour) => 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  const [dark = 0, light = 0] = [luminance(linear(a)), luminance(linear(b))].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

/** What eyes without one kind of cone see, in linear light: Machado, Oliveira and Fernandes (2009), severity 1. */
const EYES: Readonly<Record<string, readonly Colour[]>> = {
  usual: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

function seen(colour: string, eye: readonly Colour[]): Colour {
  const light = linear(colour);
  const [red = 0, green = 0, blue = 0] = eye.map((row) =>
    row.reduce((sum, part, i) => sum + part * (light[i] ?? 0), 0),
  );
  return [red, green, blue];
}

/** Distance in OKLab, where black and white are 1 apart: https://bottosson.github.io/posts/oklab/ */
function distance(a: Colour, b: Colour): number {
  const [x, y] = [oklab(a), oklab(b)];
  return Math.hypot(...x.map((value, i) => value - (y[i] ?? 0)));
}

function oklab([red, green, blue]: Colour): Colour {
  const l = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const m = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const s = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

const THEMES: readonly (readonly [string, Palette])[] = [
  ['light', LIGHT],
  ['dark', DARK],
];

test.each(THEMES)('text is readable on every background, %s', (_, palette) => {
  for (const text of [palette.text, palette.dim, palette.link, palette.good, palette.warning, palette.bad]) {
    expect(contrast(text, palette.card)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(text, palette.page)).toBeGreaterThanOrEqual(4.5);
  }
  expect(contrast(palette.text, palette.well)).toBeGreaterThanOrEqual(4.5);
  expect(contrast(palette.dim, palette.well)).toBeGreaterThanOrEqual(4.5);
});

test.each(THEMES)('shapes stand out from their card, %s', (_, palette) => {
  for (const tone of TONES) expect(contrast(palette.tones[tone], palette.card)).toBeGreaterThanOrEqual(3);
});

test.each(THEMES)('any two tones but slate differ for every kind of colour vision, %s', (_, { tones }) => {
  const told = TONES.filter((tone) => tone !== 'slate');
  const pairs = told.flatMap((a, i) => told.slice(i + 1).map((b) => [a, b] as const));
  const close = Object.entries(EYES).flatMap(([name, eye]) =>
    pairs
      .map(([a, b]) => ({ name, a, b, apart: distance(seen(tones[a], eye), seen(tones[b], eye)) }))
      .filter(({ apart }) => apart < 0.1),
  );
  expect(close).toEqual([]);
});
