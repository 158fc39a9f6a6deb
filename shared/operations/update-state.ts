import * as z from 'zod';
import { applyPlan } from '../changes/apply.ts';
import type { FileResult } from '../changes/change.ts';
import { makePlan, newPlanHeader, type PlanEntry } from '../changes/plan.ts';
import { type FileRefusal, planFile } from '../changes/plan-entry.ts';
import { previewFile } from '../changes/preview.ts';
import { parseStatus } from '../pipeline/status.ts';
import { type RecordKey, readRawRecord, readRecord } from '../pipeline/tracking-table.ts';
import { fileNotFound, shownRecord } from './answers.ts';
import { orderOf, orRefuse, runOptions, shownAttributes } from './change-requests.ts';
import { fileChange, reason } from './inputs.ts';
import { type OperationContext, operation, RequestRefused } from './operation.ts';

const ORIGIN = 'update_state';

export const updateState = operation({
  name: 'update_state',
  description: "Sets one file's status, if it is still the one it was read with",
  input: fileChange.safeExtend({ reason, dry_run: z.boolean().default(false) }),
  async run(context, { reason, dry_run, ...request }) {
    const { date_prefix, file_key } = request;
    const record = await readRecord(context.tracking, request);
    const planned = planFile({ ...request, why: ORIGIN }, record);
    if (planned.kind === 'refused') throw refusalOf(request, planned.refusal);
    if (planned.kind === 'unchanged') {
      const message = `${file_key} is ${planned.status} already: nothing was changed.`;
      return { message, updated_item: record && shownRecord(record) };
    }
    const step = `${file_key} from ${parseStatus(record?.status).status} to ${request.new_status}`;
    if (dry_run)
      return { dry_run, message: `Would change ${step}.`, ...(await preview(context, planned.entry)) };
    const change_id = await change(context, planned.entry, reason);
    const updated = await readRecord(context.tracking, { date_prefix, file_key });
    return {
      message: `Changed ${step}.`,
      updated_item: updated ? shownRecord(updated) : null,
      change_id,
    };
  },
});

async function preview(context: OperationContext, entry: PlanEntry) {
  const record = await readRawRecord(context.tracking, entry);
  const { after } = previewFile(context, entry, record);
  return { updated_item: shownAttributes({ ...record, ...after }) };
}

async function change(context: OperationContext, entry: PlanEntry, reason: string | undefined) {
  const header = newPlanHeader({ table: context.tracking.name }, ORIGIN, context.now);
  const order = orderOf(context, ORIGIN, reason);
  let result: FileResult | undefined;
  const onFile = (file: { result?: FileResult | undefined }) => {
    result = file.result;
  };
  const options = { ...runOptions(context), maxChanges: 1, onFile };
  await orRefuse(applyPlan(context, makePlan(header, [entry]), order, options));
  if (result?.kind === 'applied') return order.id;
  if (result?.kind === 'skipped') throw moved(entry, result.became?.status);
  throw new Error(
    `The change ${order.id} of ${entry.file_key} did not end: ${result?.error ?? 'out of time'}`,
  );
}

function refusalOf(key: RecordKey, { code, message, hint }: FileRefusal): RequestRefused {
  if (code === 'FILE_NOT_FOUND') return fileNotFound(key);
  return new RequestRefused(code === 'STATUS_CONFLICT' ? 409 : 400, code, message, hint);
}

function moved({ file_key }: RecordKey, status: string | undefined): RequestRefused {
  return new RequestRefused(
    409,
    'STATUS_CONFLICT',
    `${file_key} was written by someone else meanwhile, and left as it is: ${status ?? 'removed'}.`,
    'Look at the file again, and ask with the status it has now.',
  );
}
