import { expect, test } from 'vitest';
import { markupOf } from '../../../shared/page-kit/html.ts';
import { moment, timesMarked } from '../../../shared/page-kit/moment.ts';
import { fixedZone, namedZone, timesIn, UTC, type Zone } from '../../../shared/page-kit/zone.ts';

const NOW = Date.parse('2026-07-01T23:30:00Z');
const BERLIN = namedZone('Europe/Berlin') as Zone;

const drawn = (time: string, zone: Zone) => {
  const markup = timesIn(markupOf(moment(time, NOW)), zone, NOW);
  return markup.replace(/<[^>]*>/g, '').replace(/ \(.*/, '');
};

test('times in finished markup are converted to a zone, with its daylight saving time and its own current day', () => {
  expect(drawn('2026-07-01T22:30:00Z', BERLIN)).toBe('00:30:00+02:00');
  expect(drawn('2026-07-01T20:30:00Z', BERLIN)).toBe('2026-07-01 22:30:00+02:00');
  expect(drawn('2026-01-15T22:30:00Z', BERLIN)).toBe('2026-01-15 23:30:00+01:00');
  expect(drawn('2026-07-01T22:30:00Z', UTC)).toBe('22:30:00Z');
});

test('with the pointer on it, a time stays in UTC, and its other text stays unchanged', () => {
  const markup = timesIn(markupOf(moment('2026-07-01T22:30:00Z', NOW)), BERLIN, NOW);
  expect(markup).toContain('title="2026-07-01 22:30:00Z"');
  expect(markup).toContain('(1h ago)');
});

test('times within a sentence are converted, with their dates if they cross midnight', () => {
  const sentence =
    'drains at 2026-07-01 21:50:00Z (2026-07-01 21:30:00Z to 2026-07-01 22:10:00Z) except for 3';
  const markup = timesMarked(sentence).map(markupOf).join('');
  expect(markup.replace(/<[^>]*>/g, '')).toBe(sentence);
  expect(timesIn(markup, BERLIN, NOW).replace(/<[^>]*>/g, '')).toBe(
    'drains at 2026-07-01 23:50:00+02:00 (2026-07-01 23:30:00+02:00 to 00:10:00+02:00) except for 3',
  );
});

test('values of charts and times to the millisecond are converted, and what only looks like a time is not', () => {
  const title = '<title data-at="2026-07-01T22:30:00.000Z">2026-07-01 22:30:00Z: 7 failed</title>';
  expect(timesIn(title, BERLIN, NOW)).toContain('>00:30:00+02:00: 7 failed<');
  const precise = '<time datetime="2026-07-01T22:30:00.123Z" title="x">22:30:00.123</time>';
  expect(timesIn(precise, BERLIN, NOW)).toContain('>00:30:00.123<');
  const text = '<p>22:30:00Z</p><time datetime="x">soon</time>';
  expect(timesIn(text, BERLIN, NOW)).toBe(text);
});

test('a fixed offset is a zone, UTC is UTC, and anything else is undefined', () => {
  expect(drawn('2026-07-01T22:30:00Z', fixedZone('-03:30') as Zone)).toBe('19:00:00-03:30');
  expect(fixedZone('+00:00')).toBe(UTC);
  expect(namedZone('UTC')).toBe(UTC);
  for (const none of ['', 'Z', '+5', 'Middle/Earth']) expect(fixedZone(none)).toBeUndefined();
  expect(namedZone('Middle/Earth')).toBeUndefined();
});
