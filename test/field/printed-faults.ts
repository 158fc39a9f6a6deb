/** Each fault whose files a search finds, in the versions where it differs, with the cause that is told. */
export const STUCK_OR_LOST = [
  ['A', 'builder_died', 'builder_died'],
  ['B', 'builder_died', 'builder_died'],
  ['A', 'lock_left', 'builder_died'],
  ['A', 'manifest_lost', 'manifest_missing'],
  ['A', 'manifest_overwritten', 'manifest_overwritten'],
  ['A', 'never_started', 'not_started'],
  ['B', 'never_started', 'no_manifest_record'],
  ['A', 'job_timed_out', 'job_stuck'],
  ['A', 'job_hung', 'job_stuck'],
  ['B', 'job_hung', 'job_stuck'],
  ['A', 'updater_missed', 'updater_missed'],
  ['B', 'updater_missed', 'updater_missed'],
  ['A', 'output_lost', 'no_output'],
  ['B', 'output_lost', 'no_output'],
] as const;
