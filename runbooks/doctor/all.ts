import { bootstrap, credentials } from './account.ts';
import { alarmTopic } from './alarm-topic.ts';
import { alarms, lag, schedules, subscriptions } from './alarms.ts';
import { BUCKET_CHECKS } from './buckets.ts';
import type { Check } from './check.ts';
import { errors, functions, localOperations, older } from './functions.ts';
import { limits } from './limits.ts';
import { mapping, readers } from './mapping.ts';
import { NAME_CHECKS } from './names.ts';
import { projection } from './projection.ts';
import { protection, stack } from './stack.ts';
import { STACK_NAME_CHECKS } from './stack-names.ts';
import { statusIndex, stream, table, tableKey, timeToLive } from './tracking-table.ts';

/** Checks that belong together. */
interface Group {
  readonly heading: string;
  readonly checks: readonly Check[];
}

/** Every check, in the order in which they are shown. To add one, write it like the others and list it here. */
export const GROUPS: readonly Group[] = [
  { heading: 'Where it works', checks: [credentials, bootstrap] },
  {
    heading: "The pipeline's table",
    checks: [table, statusIndex, stream, readers, timeToLive, tableKey],
  },
  { heading: "The pipeline's buckets", checks: BUCKET_CHECKS },
  {
    heading: 'Before a deployment',
    checks: [stack, ...NAME_CHECKS, ...STACK_NAME_CHECKS, alarmTopic, older],
  },
  {
    heading: 'After a deployment',
    checks: [
      functions,
      localOperations,
      errors,
      mapping,
      projection,
      limits,
      lag,
      schedules,
      subscriptions,
      alarms,
      protection,
    ],
  },
];
