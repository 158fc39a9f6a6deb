import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Table } from '../aws/deps.ts';

/**
 * The version of the form in which heads, pages and counters are stored. It rises when they get or lose something that
 * the program before would not continue exactly, and a fixture of the form before is recorded then (`test/upgrade`):
 * programs of two neighbouring forms work beside each other and after each other, in either order.
 *
 * 1: heads tell where they are counted (`c`), by ages and by classes of failures. It was not noted yet.
 */
export const FORM = 1;

const KEY = { pk: 'FORM', sk: 'projection' };

/**
 * Notes that a program of this form writes to the projection; the highest form that ever did stays noted.
 *
 * @throws Error when a program wrote there whose form is more than one ahead: what it stored might be continued wrongly
 */
export async function noteForm({ docs, name }: Table, form = FORM): Promise<void> {
  const { Item } = await docs.send(new GetCommand({ TableName: name, Key: KEY, ConsistentRead: true }));
  const stored = Number(Item?.form ?? 0);
  if (stored > form + 1) {
    throw new Error(
      `The projection has form ${stored}, and this program continues at most form ${form + 1}: deploy a later version of it.`,
    );
  }
  if (stored >= form) return;
  const put = new PutCommand({
    TableName: name,
    Item: { ...KEY, form },
    ConditionExpression: 'attribute_not_exists(form) OR form < :form',
    ExpressionAttributeValues: { ':form': form },
  });
  await docs.send(put).catch((error: unknown) => {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  });
}
