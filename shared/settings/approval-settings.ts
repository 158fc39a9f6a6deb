import * as z from 'zod';

/** What of the settings says which changes need a second pair of eyes. */
export const approvalSettings = z.strictObject({
  above_files: z
    .int()
    .min(0)
    .nullable()
    .default(null)
    .describe('A plan of more files than these needs an approval before it is applied; null: none does'),
  forced: z
    .boolean()
    .default(false)
    .describe('Whether a plan with a change that took `force` needs one, however small it is'),
  healing: z
    .boolean()
    .default(true)
    .describe(
      'Whether both hold for what sweeps heal as well: such a plan is kept for people instead of applied',
    ),
  hours: z.number().gt(0).max(720).default(24).describe('For how long an approval counts'),
});
