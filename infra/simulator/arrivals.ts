import type { Agent } from './agenda.ts';
import { badKey, isoDate, oddDateKey, otherKey, plainKey } from './names.ts';
import { upload } from './upload.ts';
import type { World } from './world.ts';

const DAY_MILLIS = 86_400_000;
const MOST_DAYS_LATE = 3;
const LONGEST_BURST = 16;

export interface ArrivalOptions {
  /** Files per second on average: they come in bursts. */
  readonly rate: number;
  /** Stops after this many files. */
  readonly files: number;
  readonly startMillis: number;
}

/** Lets files arrive at random, and now and then an object that is not a file. */
export async function* arrive(world: World, { rate, files, startMillis }: ArrivalOptions): Agent {
  const { random, agenda } = world;
  let left = 0;
  for (let count = 0; count < files; count += 1) {
    const now = { atMillis: world.now() };
    const date = isoDate(world.now());
    if (world.faults.happens('other_object', date)) {
      agenda.start(upload(world, otherKey(world.settings.inputPrefix, date, random)), now);
    }
    agenda.start(upload(world, newKey(world, date)), now);
    left = left > 0 ? left - 1 : random.integer(0, LONGEST_BURST - 1);
    const gap = (random.between(0, 0.5) * 1_000) / world.settings.speed;
    const nextMillis = left > 0 ? world.now() + gap : startMillis + ((count + 1) / rate) * 1_000;
    // Late arrivals do not delay other agents: those whose time came in the meantime act first.
    yield { atMillis: Math.round(Math.max(nextMillis, world.now())) };
  }
}

function newKey(world: World, today: string): string {
  const { random, faults, settings } = world;
  const isLate = faults.happens('late', today);
  const daysLate = isLate ? random.integer(1, MOST_DAYS_LATE) : 0;
  // Late files are filed under the day in their key, not under the day of their arrival.
  const date = isoDate(world.now() - daysLate * DAY_MILLIS);
  if (faults.happens('odd_date', today)) return oddDateKey(settings.inputPrefix, random);
  if (faults.happens('bad_name', today)) return badKey(settings.inputPrefix, date, random);
  return plainKey(settings.inputPrefix, date, !isLate, random);
}
