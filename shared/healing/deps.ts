import type { Deps } from '../aws/deps.ts';
import type { ApprovalRule } from '../changes/approval-rule.ts';
import type { ChangeRequest } from '../changes/context.ts';
import type { Check } from '../orphans/check-record.ts';
import type { HealingPolicy } from '../settings/healing-policy.ts';
import type { PlanFolder } from './saved-plans.ts';

/** What healing works on. */
export interface HealDeps extends Check, Pick<Deps, 'projection' | 'sleep' | 'signal'> {
  readonly policy: HealingPolicy;
  /** Which of its changes need an approval by somebody else; undefined where none does. */
  readonly approval: ApprovalRule | undefined;
  /** Under whose name, why, and with which id a change is made. */
  readonly request: ChangeRequest;
  /** An id for one more change: each class of failures is tried again by one of its own. */
  newId(): string;
  /** Where plans are kept. */
  readonly plans: PlanFolder;
}
