import { readFileSync } from 'node:fs';
import { sectionsOf } from './markdown.ts';

/** The handbook: the text before its first section, and its sections. */
export function handbookSections() {
  return sectionsOf(readFileSync(new URL('../../docs/handbook.md', import.meta.url), 'utf8'));
}
