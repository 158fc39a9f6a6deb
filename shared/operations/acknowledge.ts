import * as z from 'zod';
import { acknowledge as keep, planAcknowledgement } from '../changes/acknowledge.ts';
import { findRawRecord } from '../pipeline/find-record.ts';
import { fileNotFound } from '../pipeline/record.ts';
import { keyOf, recordOf } from '../pipeline/tracking-table.ts';
import { versionOf } from '../pipeline/version.ts';
import { LONGEST_DAYS } from '../reports/acknowledgements.ts';
import { Refused } from '../text/refused.ts';
import {
  acknowledgedFields,
  type GivenAbout,
  givenAbout,
  ONE_SUBJECT,
  shownAcknowledgement,
} from './acknowledgements.ts';
import { datePrefix, fileChange, reason } from './inputs.ts';
import { type OperationDeps, operation } from './operation.ts';

const ORIGIN = 'acknowledge';

export const acknowledge = operation({
  name: 'acknowledge',
  description: 'Acknowledges a file, a finding on it, or a class of failures: until when, and why',
  writes: true,
  input: z
    .strictObject({
      ...acknowledgedFields,
      until: datePrefix.describe(
        `the last day (UTC) of the acknowledgement, at most ${LONGEST_DAYS} days ahead`,
      ),
      reason: reason.unwrap().describe('why; also recorded among the changes'),
      expected_version: fileChange.shape.expected_version,
      dry_run: z.boolean().default(false),
    })
    .refine(...ONE_SUBJECT),
  async run(deps, { until, reason, expected_version, dry_run, ...given }) {
    const request = { id: deps.newId(), actor: deps.actor, reason };
    const about = await aboutNow(deps, givenAbout(given), expected_version);
    const planned = planAcknowledgement(about, until, request, deps.now);
    if (!dry_run) await keep(deps, ORIGIN, planned, request);
    const { change_id, ...shown } = shownAcknowledgement(planned);
    return { dry_run, acknowledgement: { ...shown, ...(!dry_run && { change_id }) } };
  },
});

/** A file is acknowledged as it is now, and under the name that its record has. */
async function aboutNow(deps: OperationDeps, about: GivenAbout, expected: string | undefined) {
  if ('class' in about) return about;
  const record = await findRawRecord(deps.tracking, about);
  if (!record) throw fileNotFound(about);
  const { file_key } = recordOf(record);
  if (expected !== undefined && expected !== versionOf(record)) {
    throw new Refused(
      'VERSION_CONFLICT',
      `${file_key} no longer has the expected version: it was changed in the meantime.`,
      'Reload it and retry with its present version.',
    );
  }
  return { ...about, ...keyOf(recordOf(record)), record };
}
