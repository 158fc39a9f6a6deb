import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const BYTES_PER_MEGABYTE = 1_048_576;

/** Watches what is held from now on. Collects garbage before each look, so that what is seen is held. */
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
    /** The most that was held at a look, without what was there before. */
    mostMegabytes: () => (most - before) / BYTES_PER_MEGABYTE,
  };
}
