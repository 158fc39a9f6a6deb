import { expect, test } from 'vitest';
import { handbookSections } from './handbook.ts';
import { commandsIn, partOf } from './markdown.ts';
import { SITUATIONS } from './situations.ts';

const { sections } = handbookSections();

test.each(sections)(
  '$heading: it says what it means, what to look at, what to do, and how to undo it',
  (section) => {
    const parts = ['What it means', 'Look', 'Do', 'Undo'].map((label) => partOf(section, label));
    expect(parts).not.toContain(undefined);
    // Every command is in one of the parts.
    expect(commandsIn(section.text)).toEqual(parts.flatMap((part) => commandsIn(part ?? '')));
  },
);

test('every situation belongs to a section', () => {
  expect(sections.map(({ heading }) => heading)).toEqual(expect.arrayContaining(Object.keys(SITUATIONS)));
});
