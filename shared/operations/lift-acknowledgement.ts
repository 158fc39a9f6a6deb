import * as z from 'zod';
import { liftAcknowledgement as lift } from '../changes/acknowledge.ts';
import { findRawRecord } from '../pipeline/find-record.ts';
import { keyOf, recordOf } from '../pipeline/tracking-table.ts';
import { acknowledgedFields, type GivenAbout, givenAbout, ONE_SUBJECT } from './acknowledgements.ts';
import { changeRequestOf } from './change-requests.ts';
import { reason } from './inputs.ts';
import { type OperationDeps, operation } from './operation.ts';

const ORIGIN = 'lift_acknowledgement';

export const liftAcknowledgement = operation({
  name: 'lift_acknowledgement',
  description: 'Ends an acknowledgement before its time',
  writes: true,
  input: z.strictObject({ ...acknowledgedFields, reason }).refine(...ONE_SUBJECT),
  async run(deps, { reason, ...given }) {
    const about = await named(deps, givenAbout(given));
    const request = changeRequestOf(deps, ORIGIN, reason);
    await lift(deps, ORIGIN, about, request);
    return { lifted: about, change_id: request.id };
  },
});

/** Under the name that its record has; a file that is gone must be named as it was. */
async function named({ tracking }: OperationDeps, about: GivenAbout): Promise<GivenAbout> {
  if ('class' in about) return about;
  const record = await findRawRecord(tracking, about);
  return record ? { ...about, ...keyOf(recordOf(record)) } : about;
}
