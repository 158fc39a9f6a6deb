/** Flags for files that arrive within a second and live two hundred times as fast, the same way each time. */
export const SMALL_FEED = {
  simulator: true,
  rate: 100,
  seed: 3,
  speed: 200,
  files: 60,
  replay: undefined,
  pipeline: 'A',
  maxFiles: 6,
} as const;
