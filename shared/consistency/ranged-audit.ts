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
import { findSubFolders, type SubFolders } from './sub-folders.ts';

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
  const folders = await findSubFolders(audit, audit.date);
  const parts = ranges.map((range, i) => auditRange(audit, folders, range, i));
  for await (const { page, i } of interleave(parts, concurrency)) {
    totals[i] = page.totals;
    yield { ...page, totals: totals.reduce(addTotals) };
  }
}

async function* auditRange(audit: DateAudit, folders: SubFolders, { after, until }: KeyRange, i: number) {
  const start = { ...AUDIT_START, after, folders };
  const load = (cursor: AuditCursor = start) => auditPage({ ...audit, until }, cursor);
  for await (const page of pages(load)) yield { page, i };
}
