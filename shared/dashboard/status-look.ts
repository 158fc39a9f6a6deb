import type { BarPart } from '../page-kit/charts.ts';
import { glyph, glyphLabel, type Look } from '../page-kit/glyph.ts';
import type { Html } from '../page-kit/html.ts';
import { isStatus, type Status } from '../pipeline/status.ts';

const LOOKS: Readonly<Record<Status, Look>> = {
  pending: { tone: 'grey', shape: 'ring' },
  manifested: { tone: 'sky', shape: 'half' },
  processing: { tone: 'blue', shape: 'play' },
  completed: { tone: 'green', shape: 'tick' },
  failed: { tone: 'orange', shape: 'cross' },
  quarantined: { tone: 'purple', shape: 'diamond' },
};
const UNKNOWN_LOOK: Look = { tone: 'slate', shape: 'square' };

/** How a status looks wherever it is shown; all unknown ones look the same. */
export function lookOf(status: string): Look {
  return isStatus(status) ? LOOKS[status] : UNKNOWN_LOOK;
}

/** The shape of a status, to stand beside it in words. */
export function statusGlyph(status: string): Html {
  return glyph(lookOf(status));
}

/** A status as shape and word. */
export function statusLabel(status: string): Html {
  return glyphLabel(lookOf(status), status);
}

/** Files of one status as a part of a bar; those that went wrong stand out by its height too. */
export function barPart(status: string, count: number): BarPart {
  const isTall = status === 'failed' || status === 'quarantined';
  return { name: status, count, tone: lookOf(status).tone, isTall };
}
