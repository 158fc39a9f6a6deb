import { getFileState } from './get-file-state.ts';
import { getProcessingTimeline } from './get-processing-timeline.ts';
import { getStats } from './get-stats.ts';
import type { Operation } from './operation.ts';

/** Every operation of the service: to add or remove one is a file and its line here. */
export const operations: readonly Operation[] = [getFileState, getStats, getProcessingTimeline];
