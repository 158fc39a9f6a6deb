import * as z from 'zod';
import type { DataFinding } from '../data-proof/data-finding.ts';
import { isLasting, type KeptRows, loadKeptRows, withReadings } from '../data-proof/kept-rows.ts';
import { filledManifests, onlyOf, proofView } from '../data-proof/proof-view.ts';
import type { ObjectReading } from '../data-proof/read-sources.ts';
import { packReadings, unpackReadings } from '../data-proof/reading-codec.ts';
import { surplusObjects } from '../data-proof/surplus.ts';
import {
  type DateVerification,
  type VerifyState,
  verifyStart,
  verifyStep,
} from '../data-proof/verify-date.ts';
import { verifyManifests } from '../data-proof/verify-manifests.ts';
import type { VerifyCursor } from '../data-proof/verify-page.ts';
import { findRecord } from '../pipeline/find-record.ts';
import { fileNotFound } from '../pipeline/record.ts';
import { Refused } from '../text/refused.ts';
import { fitToResponse } from './answers.ts';
import { consistencyGrace, datePrefix, fileKey, graceMillisOf, nextToken } from './inputs.ts';
import { type OperationDeps, operation } from './operation.ts';
import { decodePageToken, encodePageToken, invalidToken } from './page-token.ts';
import { verifyPosition } from './token-positions.ts';

// An answer has at most 6 MB, and its token comes back in a request.
const MOST_FINDING_BYTES = 2_000_000;
const MOST_SURPLUS_BYTES = 2_000_000;
const MOST_TOKEN_BYTES = 2_000_000;

export const verifyData = operation({
  name: 'verify_data',
  description:
    'Whether each completed file of a date is in the output exactly once and completely, judged by its rows',
  input: z
    .strictObject({
      date_prefix: datePrefix,
      file_key: fileKey.optional().describe('only this file, with its lines counted'),
      manifest: z
        .string()
        .min(1)
        .optional()
        .describe('only the files of this manifest: its name or s3:// address'),
      lines: z
        .boolean()
        .default(false)
        .describe('whether to count the lines of every input that still exists, by reading all of them'),
      grace_minutes: consistencyGrace,
      next_token: nextToken.optional(),
    })
    .refine(({ file_key, manifest }) => !file_key || !manifest, {
      path: ['manifest'],
      error: 'allowed: only one of "file_key" and "manifest"',
    }),
  async run(deps, input) {
    const { next_token, ...asked } = input;
    const scope = ['verify_data', deps.tracking.name, asked];
    const token =
      next_token === undefined ? undefined : decodePageToken<Token>(scope, next_token, verifyPosition);
    const { given, kept, before } = await prepare(deps, asked, token);
    const verified = await verifyInTime(given, token, deps.signal);
    const { state, findings, isLast } = verified;
    const manifests = filledManifests(state);
    return {
      date_prefix: asked.date_prefix,
      // The counts are final then.
      complete: isLast,
      ...proofView(state),
      findings,
      manifests: isLast && given.only ? await verifyManifests(deps, manifests) : null,
      // Which objects hold surplus rows is known only when all findings are there.
      surplus: isLast && !token ? allOrNull(surplusObjects(findings, state.readings)) : null,
      read: given.meter,
      ...(!isLast && { next_token: encodePageToken(scope, tokenOf(given.kept, kept, before, verified)) }),
    };
  },
});

/**
 * Where a verification continues: the objects that were read and are not kept elsewhere, and how far it has compared.
 */
interface Token {
  readonly readings: string;
  readonly compare?: VerifyCursor;
  /** How many findings of the next step were in the answer before: not all of them fitted. */
  readonly told?: number;
}

interface Asked {
  readonly date_prefix: string;
  readonly file_key?: string | undefined;
  readonly manifest?: string | undefined;
  readonly lines: boolean;
  readonly grace_minutes?: number | undefined;
}

/** @throws Refused for what is not from an answer */
function readingsIn({ readings }: Token) {
  try {
    return unpackReadings(Buffer.from(readings, 'base64url'));
  } catch {
    throw invalidToken();
  }
}

async function prepare(deps: OperationDeps, asked: Asked, token: Token | undefined) {
  const { date_prefix, file_key, manifest, lines, grace_minutes } = asked;
  const record =
    file_key === undefined ? undefined : await findRecord(deps.tracking, { date_prefix, file_key });
  if (file_key !== undefined && !record) throw fileNotFound({ date_prefix, file_key });
  const kept = await loadKeptRows(deps.projection, date_prefix);
  const before = token ? readingsIn(token) : [];
  const given: DateVerification = {
    ...deps,
    date: date_prefix,
    graceMillis: graceMillisOf(grace_minutes, deps.profile),
    lineShare: lines || record ? 1 : 0,
    random: () => 0,
    only: onlyOf(record, manifest),
    kept: withReadings(kept, before),
    meter: { requests: 0, bytes: 0 },
  };
  return { given, kept, before };
}

/** Too long a list is left out: `findings` name the objects as well. */
function allOrNull<T>(items: readonly T[]): readonly T[] | null {
  return fitToResponse(items, MOST_SURPLUS_BYTES).length < items.length ? null : items;
}

interface Verified {
  readonly state: VerifyState;
  readonly findings: readonly DataFinding[];
  readonly isLast: boolean;
  readonly told?: number;
}

/** Step by step while there is time; a full list of findings ends it, too. */
async function verifyInTime(
  given: DateVerification,
  token: Token | undefined,
  signal: AbortSignal,
): Promise<Verified> {
  const findings: DataFinding[] = [];
  let state = verifyStart(token?.compare);
  let told = token?.told ?? 0;
  for (let bytes = 0; ; ) {
    const step = await verifyStep(given, state);
    const found = step.findings.slice(told);
    const fitting = fitToResponse(found, MOST_FINDING_BYTES - bytes);
    findings.push(...fitting);
    // The step is done again for the rest of its findings.
    if (fitting.length < found.length)
      return {
        ...{ state: { ...state, rows: step.state.rows }, findings, isLast: false },
        told: told + fitting.length,
      };
    bytes += found.length === 0 ? 0 : Buffer.byteLength(JSON.stringify(found));
    if (!state.listing) told = 0;
    state = step.state;
    if (step.isLast) return { state, findings, isLast: true };
    if (signal.aborted || bytes > MOST_FINDING_BYTES)
      return { state, findings, isLast: false, ...(told > 0 && { told }) };
  }
}

/** @throws Refused when the position is larger than a request can carry */
function tokenOf(
  known: KeptRows,
  kept: KeptRows,
  before: readonly ObjectReading[],
  { state: { readings, compare, listing }, told }: Verified,
): Token {
  const read = readings.filter((reading) => isLasting(reading) && !known.known(reading.object));
  const all = [...before, ...read].filter(({ object }) => !kept.known(object));
  const token: Token = {
    readings: Buffer.from(packReadings(all)).toString('base64url'),
    ...(!listing && compare && { compare }),
    ...(told && { told }),
  };
  if (JSON.stringify(token).length <= MOST_TOKEN_BYTES) return token;
  throw new Refused(
    'ANSWER_TOO_LARGE',
    `${all.length} objects were read in time, which is more than a next_token can name.`,
    'Verify this date with the runbook verify-data.ts, which has no such limit.',
  );
}
