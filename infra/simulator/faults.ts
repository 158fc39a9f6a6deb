import type { Random } from './random.ts';

/**
 * Everything unusual that may happen to a file, with its share of uploads, manifests or executions. Most are faults; some,
 * such as late files, just happen at random like faults.
 */
export const DEFAULT_WEIGHTS = {
  // Of uploads.
  late: 0.06,
  refused: 0.01,
  other_object: 0.01,
  quarantined: 0.01,
  bad_name: 0.004,
  odd_date: 0.002,
  odd_time: 0.02,
  odd_suffix: 0.002,
  unknown_status: 0.002,
  lost_event: 0.003,
  input_gone: 0.002,
  uploaded_again: 0.01,
  // Of manifests.
  claim_released: 0.08,
  builder_died: 0.012,
  lock_left: 0.001,
  manifest_lost: 0.008,
  manifest_overwritten: 0.01,
  never_started: 0.012,
  // Of executions.
  job_failed: 0.01,
  job_throttled: 0.02,
  job_missing_input: 0.01,
  job_long: 0.03,
  job_hung: 0.012,
  job_timed_out: 0.005,
  report_missing: 0.05,
  output_lost: 0.01,
  updater_missed: 0.02,
  updater_missed_some: 0.01,
  reset_while_running: 0.01,
  completed_again: 0.3,
} as const;

export type Fault = keyof typeof DEFAULT_WEIGHTS;

/** The share of each fault, from 0 to 1; one that is missing never happens by chance. */
export type FaultWeights = Partial<Readonly<Record<Fault, number>>>;

/** Decides what goes wrong. */
export interface Faults {
  /** Makes it happen to the next possible file, manifest or execution, of this date if one is given. */
  plant(fault: Fault, date?: string): void;
  /** Whether it happens now: because it was planted, or by chance. */
  happens(fault: Fault, date: string): boolean;
}

export function createFaults(random: Random, weights: FaultWeights): Faults {
  const planted: { fault: Fault; date: string | undefined }[] = [];
  return {
    plant: (fault, date) => void planted.push({ fault, date }),
    happens(fault, date) {
      const byChance = random.chance(weights[fault] ?? 0);
      const index = planted.findIndex((one) => one.fault === fault && (one.date ?? date) === date);
      if (index >= 0) planted.splice(index, 1);
      return byChance || index >= 0;
    },
  };
}
