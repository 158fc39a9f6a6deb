import type { Deps } from '../aws/deps.ts';
import type { ApprovalRule } from '../changes/approval-rule.ts';
import type { ChangeRequest } from '../changes/context.ts';
import type { Check } from '../orphans/check-record.ts';
import type { HealingPolicy } from '../settings/healing-policy.ts';
import type { PlanFolder } from './saved-plans.ts';

/** What healing works on. */
export interface HealDeps extends Check, Pick<Deps, 'projection' | 'clock' | 'sleep' | 'signal'> {
  readonly policy: HealingPolicy;
  /** Which of its changes need approval by somebody else; undefined where none does. */
  readonly approval: ApprovalRule | undefined;
  /** The actor, reason and id of a change. */
  readonly request: ChangeRequest;
  /** An id for one more change: each class of failures is retried by a change of its own. */
  newId(): string;
  /** Where plans are saved. */
  readonly plans: PlanFolder;
}
