import { dueIssue, issuesOf } from './audit-rules.ts';
import {
  byKey,
  idOf,
  idOfFile,
  isDue,
  isTrue,
  isTrueOfManifest,
  type KnownFile,
  type Told,
  type Truth,
} from './rules.ts';

/** What of a report is true, and what of the truth it leaves out. */
export interface Comparison {
  readonly found: readonly { readonly file: KnownFile; readonly told: Told }[];
  /** Told of what is well, or with a kind or cause that is not the true one. */
  readonly wrong: readonly { readonly file: KnownFile | undefined; readonly told: Told }[];
  /** Not told, though their limits have passed. */
  readonly missed: readonly KnownFile[];
}

/** Compares what one sweep says with the truth. */
export function compareSweep(
  truth: Truth,
  { told, isWhole }: { readonly told: readonly Told[]; readonly isWhole: boolean },
): Comparison {
  const files = byKey(truth.files);
  const found: Comparison['found'][number][] = [];
  const wrong: Comparison['wrong'][number][] = [];
  for (const each of told) {
    const file = files.get(idOf(each));
    if (file && isTrue(file, each, truth)) found.push({ file, told: each });
    else if (!isTrueOfManifest(truth, each)) wrong.push({ file, told: each });
  }
  const named = new Set(told.map(idOf));
  const missed = truth.files.filter((file) => isWhole && isDue(file, truth) && !named.has(idOfFile(file)));
  return { found, wrong, missed };
}

/** Compares the issues of one audit of a date with the truth. */
export function compareAudit(truth: Truth, date: string, told: readonly Told[]): Comparison {
  const { nowMillis } = truth;
  const files = byKey(truth.files);
  const found: Comparison['found'][number][] = [];
  const wrong: Comparison['wrong'][number][] = [];
  for (const each of told) {
    const file = files.get(idOf(each));
    if (file && issuesOf(file).includes(each.kind)) found.push({ file, told: each });
    else wrong.push({ file, told: each });
  }
  const named = new Set(told.map((each) => `${each.kind} ${idOf(each)}`));
  const missed = truth.files.filter((file) => {
    const due = file.date === date ? dueIssue(file, nowMillis) : undefined;
    return due !== undefined && !named.has(`${due} ${idOfFile(file)}`);
  });
  return { found, wrong, missed };
}
