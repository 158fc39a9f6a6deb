import { expect, test } from 'vitest';
import { drawManifest } from '../../../shared/dashboard/manifest-cards.ts';
import { markupOf } from '../../../shared/page-kit/html.ts';
import { context, textOf } from './view-data.ts';
import { manifestOf } from './view-manifest.ts';

const DATE = '2026-11-23';
const OURS = `s3://m/manifests/${DATE}/batch-0001.json`;

function failed(file_key: string, manifest_path: string, date_prefix = DATE) {
  const record = { date_prefix, file_key, status: 'failed#3', manifest_path };
  return { date_prefix, file_key, record };
}

const cardOf = (listed: readonly ReturnType<typeof failed>[]) =>
  textOf(markupOf(drawManifest(manifestOf({ by: 'manifest', listed, total: listed.length }), context)));

test('the command that resets the failed files of a manifest covers as many as its text says, and the others are mentioned', () => {
  const text = cardOf([
    failed('a.ndjson', OURS),
    failed('b.ndjson', `manifests/${DATE}/batch-0001.json`),
    failed('later.ndjson', `s3://m/manifests/${DATE}/batch-0002.json`),
    failed('other-date.ndjson', OURS, '2026-11-22'),
  ]);
  expect(text).toContain('To put back its 2 failed files once');
  expect(text).toContain('2 failed files that it lists are left out: of another date, or taken by another');
  expect(text).toContain(`batch-update.ts --manifest batch-0001.json --date ${DATE} --status failed`);
});

test('there is no command where it would select nothing', () => {
  const text = cardOf([failed('later.ndjson', `s3://m/manifests/${DATE}/batch-0002.json`)]);
  expect(text).not.toContain('batch-update.ts');
  expect(text).toContain('1 failed file that it lists is left out');
});

test('no files are mentioned as left out if none are', () => {
  const text = cardOf([failed('a.ndjson', OURS)]);
  expect(text).toContain('To put back its 1 failed file once');
  expect(text).not.toContain('left out');
});
