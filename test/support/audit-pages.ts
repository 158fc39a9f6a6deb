import { expect } from 'vitest';
import {
  AUDIT_START,
  type AuditCursor,
  type AuditPage,
  auditPage,
} from '../../shared/consistency/date-audit.ts';
import { driftConfirmer } from '../../shared/consistency/resolve-drift.ts';
import type { SubFolders } from '../../shared/consistency/sub-folders.ts';
import { trackingTable } from '../../shared/pipeline/tracking-table.ts';
import type { PipelineProfile } from '../../shared/settings/pipeline-profile.ts';
import type { LocalAws } from './local-aws.ts';
import { FIELD_PROFILE } from './profile.ts';

const HOUR = 3_600_000;
// After so many of them there are others.
const OF_PAGES = 5;
const SIZES = [1_000, 2, 1];

interface AuditSettings {
  readonly profile?: PipelineProfile;
  readonly now: number;
  readonly date: string;
  readonly s3?: LocalAws['s3'];
  /** How many names may wait in a page. */
  readonly waiting?: number;
  /** How many keys a page has, of each audit. */
  readonly sizes?: readonly number[];
  /** What is known of the folders of the date at the beginning. */
  readonly folders?: SubFolders;
  /** The last key to compare. */
  readonly until?: string | undefined;
  /** Done while a comparison is between two pages. */
  readonly between?: () => Promise<void>;
}

/** Audits a date in pages of every size, which must agree; `named` has a short form of the issues. */
export async function auditInPages(
  aws: LocalAws,
  {
    profile = FIELD_PROFILE,
    s3 = aws.s3,
    waiting = 1_000,
    sizes = SIZES,
    folders,
    between,
    ...rest
  }: AuditSettings,
) {
  const tracking = trackingTable(aws.documents, aws.trackingTable, FIELD_PROFILE);
  const projection = { docs: aws.documents, name: aws.projectionTable };
  const resolveDrift = driftConfirmer({ tracking, projection }, () => Promise.resolve());
  const storage = { s3, buckets: aws.buckets };
  const deps = { tracking, projection, storage, profile, resolveDrift, graceMillis: HOUR / 4 };
  const results = [];
  for (const keys of sizes) {
    const pages: AuditPage[] = [];
    const start: AuditCursor = { ...AUDIT_START, folders };
    for (let cursor: AuditCursor | undefined = start; cursor; cursor = pages.at(-1)?.next) {
      const pageSize = { keys, waiting };
      pages.push(await auditPage({ ...deps, ...rest, pageSize }, cursor));
      if (pages.length === OF_PAGES) await between?.();
    }
    const issues = pages.flatMap((page) => page.issues).sort((a, b) => (a.file_key < b.file_key ? -1 : 1));
    const neverTold = pages.flatMap((page) => page.neverTold).slice(0, 5);
    results.push({ issues, neverTold, totals: pages.at(-1)?.totals ?? AUDIT_START.totals });
  }
  const [whole, ...others] = results;
  if (!whole) throw new Error('Nothing was audited.');
  for (const other of others) expect(other).toEqual(whole);
  const named = whole.issues.map(({ type, file_key, status }) => [type, file_key, status].join(' ').trim());
  return { ...whole, named };
}
