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

/** How a status looks everywhere; all unknown statuses look the same. */
export function lookOf(status: string): Look {
  return isStatus(status) ? LOOKS[status] : UNKNOWN_LOOK;
}

/** The shape of a status, for use beside its name. */
export function statusGlyph(status: string): Html {
  return glyph(lookOf(status));
}

/** A status as shape and name. */
export function statusLabel(status: string): Html {
  return glyphLabel(lookOf(status), status);
}

/** Files of one status as a part of a bar; failures also stand out by their height. */
export function barPart(status: string, count: number): BarPart {
  const isTall = status === 'failed' || status === 'quarantined';
  return { name: status, count, tone: lookOf(status).tone, isTall };
}
