import type { DriftedFile } from './confirm-drift.ts';
import { AUDIT_START, type AuditPosition, auditSlice, type DateAudit } from './date-audit.ts';

/** The drift of a date, slice by slice, holding no more than one. */
export async function* eachDrift(audit: DateAudit): AsyncGenerator<DriftedFile, void> {
  let position: AuditPosition | undefined = AUDIT_START;
  while (position) {
    const slice = await auditSlice(audit, position);
    yield* slice.drifted;
    position = slice.next;
  }
}
