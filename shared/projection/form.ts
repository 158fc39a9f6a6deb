import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Table } from '../aws/deps.ts';

/**
 * The version of the form in which heads, pages and counters are stored. It increases when they gain or lose something that
 * the previous program would not continue exactly; a fixture of the previous form is then recorded (`test/upgrade`).
 * Programs of two neighbouring forms work at the same time and one after the other, in either order.
 *
 * 1: heads say where they are counted (`c`), by age and by failure class. This form was not noted yet.
 */
export const FORM = 1;

const KEY = { pk: 'FORM', sk: 'projection' };

/**
 * Notes that a program of this form writes to the projection; the highest form that ever did stays noted.
 *
 * @throws Error if a program whose form is more than one ahead has written there: its data might be continued wrongly
 */
export async function noteForm({ docs, name }: Table, form = FORM): Promise<void> {
  const { Item } = await docs.send(new GetCommand({ TableName: name, Key: KEY, ConsistentRead: true }));
  const stored = Number(Item?.form ?? 0);
  if (stored > form + 1) {
    throw new Error(
      `The projection has form ${stored}, but this program supports at most form ${form + 1}: deploy a later version.`,
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
