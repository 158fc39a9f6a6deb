import { describeOperations } from './describe-operations.ts';
import { getFileState } from './get-file-state.ts';
import { getProcessingTimeline } from './get-processing-timeline.ts';
import { getStats } from './get-stats.ts';
import type { Operation } from './operation.ts';
import { queryByStatus } from './query-by-status.ts';

/** What the service can do: to add or remove an operation is its file, its import and its line here. */
const listed: readonly Operation[] = [getFileState, queryByStatus, getStats, getProcessingTimeline];

/** Every operation of the service. */
export const operations: readonly Operation[] = [...listed, describeOperations(listed)];
