import * as z from 'zod';
import { applyPlan } from '../changes/apply.ts';
import type { FileResult } from '../changes/change.ts';
import { makePlan, newPlanHeader, type PlanEntry } from '../changes/plan.ts';
import { planChecked, resetRefused } from '../changes/plan-entry.ts';
import { previewFile } from '../changes/preview.ts';
import { createResetCheck } from '../changes/reset-check.ts';
import { findRawRecord } from '../pipeline/find-record.ts';
import { isReset } from '../pipeline/retryable.ts';
import { parseStatus } from '../pipeline/status.ts';
import { keyOf, type RecordKey, readRawRecord, readRecord, recordOf } from '../pipeline/tracking-table.ts';
import { Refused } from '../text/refused.ts';
import { shownRecord } from './answers.ts';
import { changeRequestOf, runOptions, shownAttributes } from './change-requests.ts';
import { fileChange, reason } from './inputs.ts';
import { type OperationDeps, operation } from './operation.ts';
import { shownPickup } from './resets.ts';

const ORIGIN = 'update_state';

export const updateState = operation({
  name: 'update_state',
  description: "Sets one file's status, if the file is unchanged since it was read",
  writes: true,
  input: fileChange.safeExtend({ reason, dry_run: z.boolean().default(false) }),
  async run(deps, { reason, dry_run, ...asked }) {
    const raw = await findRawRecord(deps.tracking, asked);
    const record = raw && recordOf(raw);
    const request = { ...asked, ...(record && keyOf(record)) };
    const { file_key } = request;
    const planned = await planChecked(deps, createResetCheck(deps), { ...request, why: ORIGIN }, raw);
    if (planned.kind === 'refused') throw planned.refusal;
    if (planned.kind === 'left_out') throw resetRefused(planned);
    if (planned.kind === 'unchanged') {
      const message = `${file_key} is already ${planned.status}: nothing was changed.`;
      return { message, updated_item: record && shownRecord(record) };
    }
    const step = `${file_key} from ${parseStatus(record?.status).status} to ${request.new_status}`;
    const { expected, new_status } = planned.entry;
    const reset = isReset(expected.status, new_status) ? [planned.entry] : [];
    if (dry_run) {
      const pickup = await shownPickup(deps, reset, false);
      return {
        dry_run,
        message: `Would change ${step}.`,
        ...(await preview(deps, planned.entry)),
        ...pickup,
      };
    }
    const change_id = await change(deps, planned.entry, reason);
    const updated = await readRecord(deps.tracking, request);
    return {
      message: `Changed ${step}.`,
      updated_item: updated ? shownRecord(updated) : null,
      change_id,
      ...(await shownPickup(deps, reset, true)),
    };
  },
});

async function preview(deps: OperationDeps, entry: PlanEntry) {
  const record = await readRawRecord(deps.tracking, entry);
  const { after } = await previewFile(deps, entry, record);
  return { updated_item: shownAttributes({ ...record, ...after }) };
}

type Skipped = Extract<FileResult, { kind: 'skipped' }>;

async function change(deps: OperationDeps, entry: PlanEntry, reason: string | undefined) {
  const header = newPlanHeader({ table: deps.tracking.name }, ORIGIN, deps.now);
  const request = changeRequestOf(deps, ORIGIN, reason);
  let result: FileResult | undefined;
  const onFile = (file: { result?: FileResult | undefined }) => {
    result = file.result;
  };
  const options = { ...runOptions(deps), maxChanges: 1, onFile };
  await applyPlan(deps, makePlan(header, [entry]), request, options);
  if (result?.kind === 'applied') return request.id;
  if (result?.kind === 'skipped' && result.leftOut) {
    throw resetRefused({ key: keyOf(entry), obstacle: result.leftOut });
  }
  if (result?.kind === 'skipped') throw moved(entry, result);
  if (result?.forGood) throw unwritable(entry, result.error);
  if (!result) throw notEnded(entry, request.id);
  throw new Error(`The change ${request.id} of ${entry.file_key} did not finish: ${result.error}`);
}

function unwritable({ file_key }: RecordKey, error: string): Refused {
  return new Refused(
    'CANNOT_BE_WRITTEN',
    `${file_key} cannot be written, and is unchanged: ${error}.`,
    'Set less: a record can have at most 400 KB.',
  );
}

function notEnded({ file_key }: RecordKey, id: string): Refused {
  return new Refused(
    'NOT_ENDED',
    `The change ${id} of ${file_key} did not finish in time.`,
    `Send {"operation": "resume_change", "change_id": "${id}"} to resume it; close_change closes it as it is.`,
  );
}

function moved({ file_key }: RecordKey, { became, changes = [] }: Skipped): Refused {
  const what = [became?.status ?? 'removed', ...changes].join('; ');
  return new Refused(
    'STATUS_CONFLICT',
    `${file_key} was written by someone else in the meantime, and left as it is: ${what}.`,
    'Reload it and retry with its present status.',
  );
}
