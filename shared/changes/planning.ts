import type { Deps } from '../aws/deps.ts';
import { readCounters } from '../projection/counter-items.ts';
import type { Actor } from './change.ts';
import { entryLine, NO_ENTRIES, newPlanHeader, nextDigest, type PlanEntry } from './plan.ts';
import { type FileRequest, type Planned, planFiles } from './plan-entry.ts';
import { addPart, createPlan, type PlanRequest, requirePlan, type StoredPlan } from './plan-table.ts';
import { addEntries, addOne, NO_TALLY, type PlanTally } from './plan-tally.ts';
import { type SelectionCursor, type SelectionDeps, selectFiles } from './selection.ts';

/** What planning works on. */
export type PlanningDeps = SelectionDeps & Pick<Deps, 'sleep'>;

/** Begins a stored plan; the search for files has not started yet. */
export async function beginPlan(
  deps: PlanningDeps,
  { id, actor, origin }: { readonly id: string; readonly actor: Actor; readonly origin: string },
  request: PlanRequest,
): Promise<StoredPlan> {
  const plan: StoredPlan = {
    id,
    state: 'planning',
    header: newPlanHeader({ table: deps.tracking.name }, origin, deps.now),
    actor,
    request,
    files: 0,
    parts: 0,
    digest: NO_ENTRIES,
    tally: NO_TALLY,
  };
  await createPlan(deps.projection, plan);
  return plan;
}

/** Plans for files that were named, all at once. */
export async function planNamed(
  deps: PlanningDeps,
  plan: StoredPlan,
  files: readonly FileRequest[],
): Promise<StoredPlan> {
  let { tally } = plan;
  const found = partMaker();
  let current = plan;
  for await (const planned of planFiles(deps, files)) {
    if (planned.kind !== 'planned') tally = withoutEntry(tally, planned);
    else if (found.add(planned.entry)) current = await extend(deps, current, { entries: found.take() });
  }
  const { leftOut, refused, unchanged } = tally;
  const all = { ...current, tally: { ...current.tally, leftOut, refused, unchanged } };
  return extend(deps, all, { entries: found.take(), isLast: true });
}

/**
 * Searches for the files of a plan, part by part, until all are found or time is up; the next call then continues it.
 */
export async function planOn(
  deps: PlanningDeps,
  plan: StoredPlan,
  mustStop: () => boolean,
): Promise<StoredPlan> {
  let current = plan;
  while (current.state === 'planning' && !mustStop()) {
    const { tally, ...found } = await findPart(deps, current, mustStop);
    current = await extend(deps, { ...current, tally }, found);
  }
  return current;
}

/** What one search has found. */
interface FoundPart {
  readonly entries: readonly PlanEntry[];
  readonly cursor?: string | undefined;
  readonly isLast?: boolean;
}

/** Searches for the next part of a plan, from where the part before ended. */
async function findPart(
  deps: PlanningDeps,
  { request, cursor, tally: before }: StoredPlan,
  mustStop: () => boolean,
): Promise<FoundPart & { readonly tally: PlanTally }> {
  const { selection, new_status, additional_fields, force, rate } = request;
  let tally = before;
  let after: SelectionCursor | undefined = cursor === undefined ? undefined : JSON.parse(cursor);
  let isStopped = false;
  const { suffixes } = await readCounters(deps.projection, undefined);
  const search = {
    ...selection,
    statuses: selection?.statuses ?? [],
    suffixes,
    after,
    mustStop: () => {
      isStopped ||= mustStop();
      return isStopped;
    },
    onDone: (file: SelectionCursor) => {
      after = file;
    },
    onAgeUnknown: () => {
      tally = { ...tally, ageUnknown: tally.ageUnknown + 1 };
    },
    onLeftOut: (file: Extract<Planned, { kind: 'left_out' }>) => {
      tally = withoutEntry(tally, file);
    },
  };
  const found = partMaker();
  for await (const { entry } of selectFiles(
    deps,
    search,
    { new_status, additional_fields, force },
    deps.now,
  )) {
    isStopped = found.add(entry);
    if (isStopped) break;
    await deps.sleep(1_000 / rate);
  }
  return { entries: found.take(), cursor: after && JSON.stringify(after), isLast: !isStopped, tally };
}

/** The plan with one more part; as it is stored, if somebody else was faster. */
async function extend(
  deps: Pick<PlanningDeps, 'projection'>,
  plan: StoredPlan,
  { entries, cursor, isLast = false }: FoundPart,
): Promise<StoredPlan> {
  const next: StoredPlan = {
    ...plan,
    state: isLast ? 'planned' : 'planning',
    files: plan.files + entries.length,
    parts: plan.parts + 1,
    digest: entries.reduce(nextDigest, plan.digest),
    tally: addEntries(plan.tally, entries),
    cursor: isLast ? undefined : cursor,
  };
  const isAdded = await addPart(deps.projection, { entries, plan: next });
  return isAdded ? next : requirePlan(deps.projection, plan.id);
}

function withoutEntry(tally: PlanTally, planned: Exclude<Planned, { kind: 'planned' }>): PlanTally {
  if (planned.kind === 'unchanged') return { ...tally, unchanged: tally.unchanged + 1 };
  return planned.kind === 'refused'
    ? { ...tally, refused: addOne(tally.refused, planned.refusal.code) }
    : { ...tally, leftOut: addOne(tally.leftOut, planned.obstacle.code) };
}

// Compressed, a part is smaller; it must fit into an item of 400 KB in any case.
const BYTES_PER_PART = 250_000;

/** Gathers entries until there are enough for a part. */
function partMaker() {
  let entries: PlanEntry[] = [];
  let bytes = 0;
  return {
    /** @returns whether the part is full */
    add(entry: PlanEntry): boolean {
      entries.push(entry);
      bytes += Buffer.byteLength(entryLine(entry));
      return bytes >= BYTES_PER_PART;
    },
    take(): readonly PlanEntry[] {
      const taken = entries;
      entries = [];
      bytes = 0;
      return taken;
    },
  };
}
