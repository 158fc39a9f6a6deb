import { DEFAULT_LIMITS, type Limits } from './limits.ts';

const FLAGS = {
  '--hours': 'processing',
  '--manifested-hours': 'manifested',
  '--pending-hours': 'pending',
} as const satisfies Record<string, keyof Limits>;

/** What a runbook's command line needs to judge by these limits: nothing where they are the usual ones. */
export function limitArgs(limits: Limits): string[] {
  return Object.entries(FLAGS).flatMap(([flag, status]) =>
    limits[status] === DEFAULT_LIMITS[status] ? [] : [flag, String(limits[status])],
  );
}
