import * as z from 'zod';
import { CHANGE_ID_FORM } from '../changes/change.ts';
import { MOST_SUB_FOLDERS } from '../consistency/sub-folders.ts';
import { LISTINGS } from '../orphans/listings.ts';
import { fitsSortKey } from '../pipeline/names.ts';

// Where listings continue, as their `next_token` holds it. Anything else in a token is refused.

const keyText = z.string().min(1).refine(fitsSortKey);

/** After a record. */
export const keyPosition = z.strictObject({ date_prefix: keyText, file_key: keyText });

/** After a change. */
export const changePosition = z.string().regex(CHANGE_ID_FORM);

/** After these records, by stored status. */
export const statusPosition = z.record(keyText, keyPosition);

/** After these files of a status. */
export const selectionPosition = z.strictObject({ status: keyText, files: statusPosition });

const count = z.number().min(0);

/** A search for orphans. */
export const searchPosition = z.looseObject({
  listing: z.enum(LISTINGS.map(({ name }) => name)),
  after: statusPosition.optional(),
  lostAfter: keyText.optional(),
  lastDate: keyText.optional(),
  dateCheck: z
    .looseObject({
      ...{
        date: keyText,
        startedAt: count,
        fingerprint: z.string().optional(),
        since: z.number().optional(),
      },
      ...{ number: count, step: z.enum(['remembered', 'files', 'without_output', 'elsewhere']) },
      ...{
        open: count,
        young: count,
        lost: count,
        converted: count,
        unverifiable: count,
        withoutOutput: count,
      },
      repeats: z.looseObject({}).optional(),
    })
    .optional(),
});

const folderNames = z.array(z.string()).max(MOST_SUB_FOLDERS);

/** A comparison of a date. */
export const auditPosition = z.looseObject({
  after: z.string().refine(fitsSortKey),
  folders: z.object({ inputs: folderNames, refused: folderNames }).optional(),
  totals: z.looseObject({
    ...{ objects: count, records: count, repaired: count, young: count, unknown: count },
    issues: z.record(z.string(), count),
    drift: z.record(z.string(), count),
  }),
});

/** A verification of a date: what was read of its objects, compressed, and how far the comparison is. */
export const verifyPosition = z.looseObject({
  readings: z.string(),
  compare: z.looseObject({ after: z.string(), totals: z.looseObject({}) }).optional(),
  told: z.int().min(0).optional(),
});
