import { expect, test } from 'vitest';
import { files } from '../../../shared/dashboard/files.ts';
import { drawManifest } from '../../../shared/dashboard/manifest-cards.ts';
import type { ManifestFiles } from '../../../shared/dashboard/manifest-files.ts';
import { manifests } from '../../../shared/dashboard/manifests.ts';
import { markupOf } from '../../../shared/page-kit/html.ts';
import { context, statsOf } from './view-data.ts';
import { manifestOf } from './view-manifest.ts';

const DATE = '2026-11-23';
const STILL = 'data-still';
const record = { date_prefix: DATE, file_key: 'x.ndjson', status: 'failed#3' };
const stats = { kind: 'read', value: statsOf({ failed: 1 }) } as const;

const filesPage = (request: Parameters<typeof files.draw>[2], listed = [record]) =>
  markupOf(files.draw({ list: { kind: 'read', value: { files: listed } }, stats }, context, request));

test('a list of a class, which takes a search, is not refreshed automatically, even without files', () => {
  const request = { status: 'failed', class: 'out-of-memory-1a2b3c' } as const;
  expect(filesPage(request)).toContain(STILL);
  expect(filesPage(request, [])).toContain(STILL);
});

test('a list of unknown status, which takes a search of heads, is not refreshed automatically', () => {
  expect(filesPage({ status: 'unknown' })).toContain(STILL);
  const list = { kind: 'read', value: { manifests: [record], areMore: 'no' } } as const;
  expect(markupOf(manifests.draw({ list, stats }, context, { status: 'unknown' }))).toContain(STILL);
  expect(markupOf(manifests.draw({ list, stats }, context, {}))).not.toContain(STILL);
});

test('a plain page of a list keeps refreshing', () => {
  expect(filesPage({ status: 'failed' })).not.toContain(STILL);
  expect(filesPage({ date: DATE })).not.toContain(STILL);
});

test('a manifest without its object, whose files take a search, is not refreshed automatically', () => {
  const listed = [{ ...record, record }];
  const draw = (files: ManifestFiles) => markupOf(drawManifest(manifestOf(files), context));
  expect(draw({ by: 'records', listed, total: undefined })).toContain(STILL);
  expect(draw({ by: 'records', listed: [], total: undefined })).toContain(STILL);
  expect(draw({ by: 'manifest', listed, total: 1 })).not.toContain(STILL);
});
