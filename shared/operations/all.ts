import { acknowledge } from './acknowledge.ts';
import { addNote } from './add-note.ts';
import { applyPlan } from './apply-plan.ts';
import { batchUpdate } from './batch-update.ts';
import { closeChange } from './close-change.ts';
import { continueChange } from './continue-change.ts';
import { describeOperations } from './describe-operations.ts';
import { explainFile } from './explain-file.ts';
import { findOrphans } from './find-orphans.ts';
import { getChange } from './get-change.ts';
import { getFailures } from './get-failures.ts';
import { getFileState } from './get-file-state.ts';
import { getPlan } from './get-plan.ts';
import { getProcessingTimeline } from './get-processing-timeline.ts';
import { getStats } from './get-stats.ts';
import { liftAcknowledgement } from './lift-acknowledgement.ts';
import { listAcknowledgements } from './list-acknowledgements.ts';
import { listChanges } from './list-changes.ts';
import type { Operation } from './operation.ts';
import { planChange } from './plan-change.ts';
import { queryByStatus } from './query-by-status.ts';
import { removeNote } from './remove-note.ts';
import { resetStuckFiles } from './reset-stuck-files.ts';
import { resumeChange } from './resume-change.ts';
import { undoChange } from './undo-change.ts';
import { updateState } from './update-state.ts';
import { validateConsistency } from './validate-consistency.ts';
import { verifyData } from './verify-data.ts';

/** What the service can do. To add or remove an operation, change its file, and its import and its line here. */
const listed: readonly Operation[] = [
  getFileState,
  queryByStatus,
  getStats,
  getFailures,
  getProcessingTimeline,
  findOrphans,
  validateConsistency,
  verifyData,
  explainFile,
  resetStuckFiles,
  updateState,
  batchUpdate,
  planChange,
  getPlan,
  applyPlan,
  undoChange,
  resumeChange,
  continueChange,
  closeChange,
  acknowledge,
  liftAcknowledgement,
  listAcknowledgements,
  addNote,
  removeNote,
  getChange,
  listChanges,
];

/** Every operation of the service. */
export const operations: readonly Operation[] = [...listed, describeOperations(listed)];
