import { countOf } from '../../shared/text/number-text.ts';
import type { Asked } from './asked.ts';
import { check, type Judgement } from './check.ts';
import { type Stack, stands } from './reading.ts';

/** The state in which the last deployment left the stack. */
export const stack = check({
  name: 'stack',
  place: 'aws',
  permission: 'cloudformation:DescribeStacks',
  read: (reading) => reading.stack(),
  judge: judgeStack,
});

export function judgeStack(found: Stack | undefined, asked: Asked): Judgement {
  const { stack: name } = asked.settings.names;
  if (!found) return { level: 'ok', found: `${name} does not exist yet: the first deployment creates it` };
  const { status, resources } = found;
  const state = `${name} is ${status}`;
  if (status === 'REVIEW_IN_PROGRESS')
    return {
      level: 'warning',
      found: `${state}: a change set was never executed`,
      remedy: { say: 'Deploy again.', run: asked.deploy },
    };
  if (status.endsWith('_IN_PROGRESS'))
    return {
      level: 'warning',
      found: `${state}: a deployment is in progress`,
      remedy: { say: 'Wait until it has finished, then check again.', run: asked.again },
    };
  if (/^(CREATE|UPDATE|IMPORT)_COMPLETE$/.test(status))
    return { level: 'ok', found: `${state}, with ${countOf(resources.length, 'resource')}` };
  if (status.endsWith('_ROLLBACK_COMPLETE'))
    return { level: 'warning', found: `${state}: the last update was rolled back`, remedy: reasonOf(asked) };
  return { level: 'problem', found: state, remedy: recipe(status, asked) };
}

/** docs/deploying.md describes each of them. */
function recipe(status: string, asked: Asked) {
  const { stack: name } = asked.settings.names;
  if (status === 'ROLLBACK_COMPLETE') return reasonOf(asked);
  if (status === 'UPDATE_ROLLBACK_FAILED')
    return {
      say: 'Continue the rollback, then deploy again.',
      run: asked.aws('cloudformation', 'continue-update-rollback', '--stack-name', name),
    };
  if (/^(ROLLBACK|CREATE|DELETE)_FAILED$/.test(status))
    return {
      say: 'Empty the dead letter bucket if it is there, delete the stack, and deploy again.',
      run: asked.aws('cloudformation', 'delete-stack', '--stack-name', name),
    };
  return reasonOf(asked);
}

function reasonOf({ aws, settings }: Asked) {
  return {
    say: 'Find out why, fix it, and deploy again. To see the reason:',
    run: aws(
      ...['cloudformation', 'describe-stack-events', '--stack-name', settings.names.stack, '--query'],
      "StackEvents[?ends_with(ResourceStatus,'FAILED')].[LogicalResourceId,ResourceStatusReason]",
    ),
  };
}

/** What keeps data from being deleted by accident. */
export const protection = check({
  name: 'protection',
  place: 'aws',
  deployed: true,
  permission: 'dynamodb:DescribeTable',
  async read(reading) {
    const found = await reading.stack();
    const resources = stands(found) ? found.resources : [];
    const names = resources.flatMap(({ type, id }) => (/^AWS::DynamoDB::/.test(type) ? [id] : []));
    const tables = await Promise.all(names.map((name) => reading.table(name)));
    const open = names.filter((_, n) => tables[n] && !tables[n].DeletionProtectionEnabled);
    return { tables: open, stack: found?.terminationProtection === true, all: names };
  },
  judge: judgeProtection,
});

interface Protection {
  /** Whether the stack is protected. */
  readonly stack: boolean;
  /** Those of its tables that are not. */
  readonly tables: readonly string[];
  readonly all: readonly string[];
}

export function judgeProtection({ stack, tables, all }: Protection, { settings, aws }: Asked): Judgement {
  const { stack: name } = settings.names;
  if (!settings.keepData)
    return { level: 'ok', found: 'none, since this environment does not keep its data' };
  if (stack && tables.length === 0)
    return {
      level: 'ok',
      found: `stack and tables cannot be deleted by accident: ${[name, ...all].join(', ')}`,
    };
  const [table] = tables;
  const run =
    !stack || table === undefined
      ? [
          ...['cloudformation', 'update-termination-protection', '--stack-name', name],
          '--enable-termination-protection',
        ]
      : ['dynamodb', 'update-table', '--table-name', table, '--deletion-protection-enabled'];
  const open = [...(stack ? [] : [`the stack ${name}`]), ...tables.map((each) => `the table ${each}`)];
  return {
    level: 'problem',
    found: `these can be deleted by accident: ${open.join(', ')}`,
    remedy: { say: 'Deploy again, which protects them, or protect them one by one:', run: aws(...run) },
  };
}
