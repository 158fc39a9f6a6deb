import { interleave } from '../flow/interleave.ts';
import { pages } from '../flow/pages.ts';
import {
  AUDIT_START,
  type AuditCursor,
  type AuditPage,
  type AuditTotals,
  addTotals,
  auditPage,
  type DateAudit,
} from './date-audit.ts';
import type { KeyRange } from './key-ranges.ts';

/** A page of one range. */
export interface RangedPage extends AuditPage {
  /** For all ranges, up to and including this page. */
  readonly totals: AuditTotals;
}

/**
 * Compares the ranges of a date, several at once; pages come as they are ready. It holds one page of each range in
 * progress. Names that bucket and table spell differently may be in two ranges: they are looked up one by one, just as
 * if they were in two pages of one range.
 */
export async function* auditRanges(
  audit: DateAudit,
  ranges: readonly KeyRange[],
  concurrency: number,
): AsyncGenerator<RangedPage, void> {
  const totals = ranges.map(() => AUDIT_START.totals);
  const parts = ranges.map((range, i) => auditRange(audit, range, i));
  for await (const { page, i } of interleave(parts, concurrency)) {
    totals[i] = page.totals;
    yield { ...page, totals: totals.reduce(addTotals) };
  }
}

async function* auditRange(audit: DateAudit, { after, until }: KeyRange, i: number) {
  const load = (cursor: AuditCursor = { ...AUDIT_START, after }) => auditPage({ ...audit, until }, cursor);
  for await (const page of pages(load)) yield { page, i };
}
