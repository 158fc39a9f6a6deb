import { expect, test } from 'vitest';
import { handbookSections } from './handbook.ts';
import { commandsIn, partOf } from './markdown.ts';
import { SITUATIONS } from './situations.ts';

const { sections } = handbookSections();

test.each(sections)('$heading: it says what that means, what to look at, to do and to undo', (section) => {
  const parts = ['What it means', 'Look', 'Do', 'Undo'].map((label) => partOf(section, label));
  expect(parts).not.toContain(undefined);
  // Nothing stands outside of a part but the label itself.
  expect(commandsIn(section.text)).toEqual(parts.flatMap((part) => commandsIn(part ?? '')));
});

test('every situation is that of a section', () => {
  expect(sections.map(({ heading }) => heading)).toEqual(expect.arrayContaining(Object.keys(SITUATIONS)));
});
