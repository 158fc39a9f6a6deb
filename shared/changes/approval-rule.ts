import * as z from 'zod';
import { partName } from '../aws/deployment-names.ts';
import type { EnvironmentSettings } from '../settings/environment-settings.ts';

/** Which plans need approval by somebody else, and who may give it. */
export interface ApprovalRule {
  /** Plans of more files need one; undefined where the number of files does not matter. */
  readonly aboveFiles: number | undefined;
  /** Whether a plan with a forced change needs one. */
  readonly forced: boolean;
  /** Whether that holds for what sweeps heal. */
  readonly healing: boolean;
  /** For how long an approval counts. */
  readonly hours: number;
  /** The environment, for commands. */
  readonly environment: string;
  /** The policy that approvers have. */
  readonly policy: string;
  /** What a command needs besides the environment to reach the same target, if the shell sets it. */
  readonly aim?: CommandAim;
}

/** Words of a command line. */
interface CommandAim {
  /** Variables, as a shell takes them. */
  readonly before: readonly string[];
  /** Flags. */
  readonly after: readonly string[];
}

/** @returns undefined where the settings require no approvals */
export function approvalRuleOf(
  settings: Pick<EnvironmentSettings, 'approval' | 'environment' | 'names'>,
): ApprovalRule | undefined {
  const { above_files, forced, healing, hours } = settings.approval;
  if (above_files === null && !forced) return undefined;
  const { environment } = settings;
  const policy = partName('approve', settings);
  return { aboveFiles: above_files ?? undefined, forced, healing, hours, environment, policy };
}

/** The rule as a function's variable holds it. */
export function approvalText(settings: Parameters<typeof approvalRuleOf>[0]): string {
  return JSON.stringify(approvalRuleOf(settings) ?? null);
}

const approvalRule = z
  .object({
    aboveFiles: z.number().optional(),
    forced: z.boolean(),
    healing: z.boolean(),
    hours: z.number(),
    environment: z.string(),
    policy: z.string(),
  })
  .nullable();

/**
 * The reverse of `approvalText`.
 *
 * @throws Error for anything else: a function that cannot read it must not change anything
 */
export function readApprovalRule(text: string): ApprovalRule | undefined {
  const rule = approvalRule.parse(JSON.parse(text));
  return rule ? { ...rule, aboveFiles: rule.aboveFiles } : undefined;
}
