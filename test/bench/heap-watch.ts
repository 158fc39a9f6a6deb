import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const BYTES_PER_MEGABYTE = 1_048_576;

/** Measures the memory that is held from now on. It collects garbage before each measurement. */
export function watchHeap() {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const held = () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const before = held();
  let most = before;
  return {
    look: () => {
      most = Math.max(most, held());
    },
    /** The largest measurement, minus what was held before. */
    mostMegabytes: () => (most - before) / BYTES_PER_MEGABYTE,
  };
}
