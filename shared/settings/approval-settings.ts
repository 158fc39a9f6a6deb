import * as z from 'zod';

/** The settings that say which changes need a second person. */
export const approvalSettings = z.strictObject({
  above_files: z
    .int()
    .min(0)
    .nullable()
    .default(null)
    .describe('A plan with more files than this needs approval before it is applied; null: no plan does'),
  forced: z
    .boolean()
    .default(false)
    .describe('Whether a plan with a change that needs `force` needs approval, however small it is'),
  healing: z
    .boolean()
    .default(true)
    .describe(
      'Whether both also hold for what sweeps heal: such a plan is saved for people instead of applied',
    ),
  hours: z.number().gt(0).max(720).default(24).describe('How long an approval is valid'),
});
