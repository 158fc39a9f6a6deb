import { buildManifest } from './build-manifest.ts';
import { isoDate } from './names.ts';
import type { World } from './world.ts';

/**
 * The builder, woken by an event. For each event, it takes whatever is pending of one earlier date, and one manifest of today
 * if MAX_FILES are pending. Future dates are never taken.
 *
 * @param date takes only files of this date, as the builder does for a synthetic event
 */
export async function wakeBuilder(world: World, date?: string): Promise<void> {
  const { maxFiles } = world.settings;
  const today = isoDate(world.now());
  const pending = await world.pending.byDate();
  const dates = [...pending.keys()].filter((one) => (date ?? one) === one);
  const earlier = dates.find((one) => one < today);
  const builds: { readonly date: string; readonly atLeast: number }[] = [];
  if (earlier !== undefined) builds.push({ date: earlier, atLeast: 1 });
  if (dates.includes(today)) builds.push({ date: today, atLeast: maxFiles });
  for (const build of builds) {
    if ((pending.get(build.date)?.length ?? 0) < build.atLeast) continue;
    world.agenda.start(buildManifest(world, build), { atMillis: world.now() });
  }
}
