import { agesIn, describeAges } from '../../shared/projection/ages.ts';
import type { CounterItem } from '../../shared/projection/counters.ts';
import { FIELD_LIMITS } from './profile.ts';

/** Late files according to these items of age counters, as `get_stats` reports them; without items, none. */
export function lateOf(now: number, ...items: readonly CounterItem[]) {
  const ages = agesIn(items, 'file');
  const countOf = (status: keyof typeof ages) => ages[status].reduce((sum, { count }) => sum + count, 0);
  const counts = {
    pending: countOf('pending'),
    manifested: countOf('manifested'),
    processing: countOf('processing'),
  };
  return describeAges(ages, counts, FIELD_LIMITS, now);
}
