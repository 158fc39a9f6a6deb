import { expect, test } from 'vitest';
import type { Facts } from '../../../shared/orphans/facts.ts';
import type { Finding } from '../../../shared/orphans/finding.ts';
import { stillHolds } from '../../../shared/orphans/still-holds.ts';
import { FIELD_PROFILE } from '../../support/profile.ts';

const NOW = Date.parse('2026-11-23T06:00:00Z');
const record = {
  date_prefix: '2026-11-10',
  file_key: 'f.ndjson',
  status: 'processing#1',
  created_at: '2026-11-10T01:00:00Z',
  manifest_time: '2026-11-10T02:00:00Z',
  processing_start_time: '2026-11-10T02:01:00Z',
};
const GONE = { kind: 'missing_manifests', cause: 'manifest_gone' } as const;
const FAILED = { kind: 'stuck_in_processing', cause: 'job_failed' } as const;
const REPORTED = { found: 'yes', report: { result: 'converted' } } as Facts['report'];

/** Whether what was once known stands against what is left of a file whose manifest is in this state. */
function holds(cause: string, finding: Finding, found: 'yes' | 'no', report?: Facts['report'], now = NOW) {
  const known = {
    ...{ date_prefix: record.date_prefix, file_key: record.file_key, version: '' },
    ...{ kind: 'stuck_in_processing', cause, seen: '', at: 0, check: 0 },
  };
  const manifest = { name: { kind: 'none' }, object: { found } } as unknown as Facts['manifest'];
  return stillHolds(known, finding, { record, manifest, report }, { profile: FIELD_PROFILE, now });
}

test('that a manifest did not list a file stays true once the manifest has expired, whatever happened to its job', () => {
  expect(holds('manifest_overwritten', FAILED, 'no')).toBe(true);
  expect(holds('manifest_missing', FAILED, 'no')).toBe(false);
});

test('a job hangs until it has reported', () => {
  expect(holds('job_stuck', GONE, 'no')).toBe(true);
  expect(holds('job_stuck', GONE, 'no', REPORTED)).toBe(false);
});

test('nothing is taken from memory while the manifest is there, or cannot have expired', () => {
  expect(holds('manifest_overwritten', FAILED, 'yes')).toBe(false);
  const soon = Date.parse('2026-11-10T03:00:00Z');
  expect(holds('manifest_overwritten', FAILED, 'no', undefined, soon)).toBe(false);
});
