import { type CounterChange, type CounterKind, counterPartition } from './counter-kind.ts';
import {
  arrivalAttribute,
  type CountDelta,
  countAttribute,
  isCountAttribute,
  sumDeltas,
} from './counters.ts';

/** How many are in each status, which heads account for, and how often each status was reached, which only grows. */
export const statusCounts: CounterKind = {
  name: 's',
  held: ({ entity, date_prefix, status }) => inBoth(date_prefix, { [countAttribute(entity, status)]: 1 }),
  passed({ entity, date_prefix, arrivals }) {
    if (arrivals.length === 0) return [];
    const reached = arrivals.flatMap((status) =>
      status === undefined ? [] : [{ [arrivalAttribute(entity, status)]: 1 }],
    );
    return inBoth(date_prefix, sumDeltas(reached));
  },
  isHeld: (part, attribute) => part === '' && isCountAttribute(attribute),
};

function inBoth(date_prefix: string, add: CountDelta): CounterChange[] {
  return [undefined, date_prefix].map((date) => ({ pk: counterPartition(date), part: '', add }));
}
