import * as z from 'zod';
import type { Deps } from '../aws/deps.ts';
import { collectPages } from '../flow/pages.ts';
import { findRawRecord } from '../pipeline/find-record.ts';
import { fileNotFound, recordKind } from '../pipeline/record.ts';
import { failureOfFile } from '../pipeline/record-failure.ts';
import {
  keyOf,
  queryDate,
  type RecordKey,
  recordOf,
  type TrackingRecord,
} from '../pipeline/tracking-table.ts';
import { versionOf } from '../pipeline/version.ts';
import { fitToResponse, MOST_BYTES, shownRecord } from './answers.ts';
import { datePrefix, fileKey, limit, nextToken } from './inputs.ts';
import { operation } from './operation.ts';
import { decodePageToken, encodePageToken } from './page-token.ts';
import { keyPosition } from './token-positions.ts';

const input = z
  .strictObject({
    date_prefix: datePrefix,
    file_key: fileKey.optional(),
    limit,
    next_token: nextToken.optional(),
  })
  .refine(({ file_key, next_token }) => !(file_key && next_token), {
    path: ['next_token'],
    error: 'allowed only in a listing, without file_key',
  });

export const getFileState = operation({
  name: 'get_file_state',
  description: "One file's record, or the files of a date",
  input,
  run: async (deps: Pick<Deps, 'tracking'>, { date_prefix, file_key, ...page }) =>
    file_key === undefined ? listDate(deps, date_prefix, page) : showFile(deps, { date_prefix, file_key }),
});

/** One file's record and its version, in whatever spelling its name is given. */
export async function showFile({ tracking }: Pick<Deps, 'tracking'>, key: RecordKey) {
  const record = await findRawRecord(tracking, key);
  if (!record) throw fileNotFound(key);
  const file = recordOf(record);
  const failure = failureOfFile(file);
  return { file: shownRecord(file), version: versionOf(record), ...(failure && { failure_class: failure }) };
}

/** The files of a date, in the order of their keys. */
export async function listDate(
  { tracking }: Pick<Deps, 'tracking'>,
  date_prefix: string,
  { limit, next_token }: { limit: number; next_token?: string | undefined },
) {
  const scope = ['get_file_state', tracking.name, date_prefix];
  const from =
    next_token === undefined ? undefined : decodePageToken<RecordKey>(scope, next_token, keyPosition);
  const load = async (limit: number, cursor: RecordKey | undefined) => {
    const { records, next } = await queryDate(tracking, date_prefix, limit, cursor);
    return { items: records.filter(isFile).map(shownRecord), next };
  };
  const { items, next } = await collectPages(load, limit, from, MOST_BYTES);
  const fitting = fitToResponse(items);
  const last = fitting.length < items.length ? fitting.at(-1) : next;
  return {
    count: fitting.length,
    files: fitting,
    ...(last && { next_token: encodePageToken(scope, keyOf(last)) }),
  };
}

function isFile(record: TrackingRecord): boolean {
  return recordKind(record) === 'file';
}
