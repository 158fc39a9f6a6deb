import * as z from 'zod';
import { STATUSES, type Status } from '../pipeline/status.ts';

/** What the views take from the answers of the operations; whatever else is in them is passed over. */

const count = z.number();
const statusCounts = z.object(
  Object.fromEntries(STATUSES.map((status) => [status, count])) as Record<Status, typeof count>,
);
const audit = z.object({ at: z.string(), drift_found: count, drift_repaired: count });

export const statsAnswer = z.object({
  stats: statusCounts,
  total: count,
  unknown_status: count.optional(),
  manifests: z.object({ stats: statusCounts, total: count }),
  arrivals: statusCounts,
  as_of: z.string().nullable(),
  lag_seconds: count.nullable(),
  last_audit: audit.nullish(),
  dead_letters_waiting: z.object({ at: z.string(), waiting: count }).nullish(),
});
export type Stats = z.output<typeof statsAnswer>;

/** A record has what its writer gave it; each view picks and checks. */
const record = z.looseObject({ date_prefix: z.string(), file_key: z.string() });
export type ShownRecord = z.output<typeof record>;

export const filesAnswer = z.object({
  count,
  files: z.array(record),
  next_token: z.string().optional(),
});
export type FilesAnswer = z.output<typeof filesAnswer>;

export const fileAnswer = z.object({ file: record });

const timelineEvent = z.object({
  event: z.string(),
  timestamp: z.string(),
  status: z.string(),
  change_id: z.string().optional(),
  actor: z.string().optional(),
  reason: z.string().optional(),
});
export type ShownEvent = z.output<typeof timelineEvent>;

export const timelineAnswer = z.object({
  file: z.string(),
  current_status: z.string(),
  timeline: z.array(timelineEvent),
  total_processing_time: count.nullable(),
  source: z.string(),
});
export type Timeline = z.output<typeof timelineAnswer>;

const actor = z.object({ identity: z.string(), source: z.string() });
const change = z.object({
  change_id: z.string(),
  state: z.string(),
  actor,
  reason: z.string(),
  origin: z.string(),
  created_at: z.string(),
  files: count,
  undoes: z.string().optional(),
  counts: z.object({ applied: count, skipped: count, failed: count }).optional(),
  stop_cause: z.string().optional(),
});
export type ShownChange = z.output<typeof change>;

export const changesAnswer = z.object({ changes: z.array(change), next_token: z.string().optional() });
export type ChangesAnswer = z.output<typeof changesAnswer>;

const changeFile = z.object({
  date_prefix: z.string(),
  file_key: z.string(),
  result: z.string(),
  why: z.string(),
  before: z.looseObject({}),
  after: z.looseObject({}),
  became: z.looseObject({ status: z.string() }).nullish(),
  error: z.string().optional(),
});
export type ShownChangeFile = z.output<typeof changeFile>;

export const changeAnswer = z.object({
  change,
  files: z.array(changeFile),
  next_token: z.string().optional(),
});
export type ChangeAnswer = z.output<typeof changeAnswer>;
