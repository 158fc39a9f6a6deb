import { GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Table } from '../aws/deps.ts';
import type { Actor } from './change.ts';
import { APPROVALS_PARTITION, approvalPartition } from './change-items.ts';

/** Somebody has reviewed a plan, and wants it to be applied. */
export interface Approval {
  /** The digest of the plan: any other plan needs another approval. */
  readonly digest: string;
  /** The tracking table that the plan is for. */
  readonly table: string;
  readonly files: number;
  /** Its id is that of the partition; anything else is what the approver states. */
  readonly approver: Actor & { readonly user_id: string };
  readonly reason: string;
  /** `…Z`. */
  readonly at: string;
}

const DAYS_KEPT = 30;
const MOST_OF_ONE_PLAN = 50;

/**
 * Stores an approval. It is in a partition that is named after the approver, where IAM lets nobody else write: the
 * policy names it `APPROVAL#${aws:userid}`, which is the `UserId` from STS. The list of a plan's approvals proves
 * nothing by itself.
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html,
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html,
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
 */
export async function putApproval(
  { docs, name }: Table,
  { digest, approver, ...approval }: Approval,
): Promise<void> {
  const expires_at = Math.floor(Date.parse(approval.at) / 1_000) + DAYS_KEPT * 86_400;
  const { user_id, identity, source } = approver;
  const own = { pk: approvalPartition(user_id), sk: digest, identity, source };
  const listed = { pk: APPROVALS_PARTITION, sk: `${digest}#${user_id}` };
  await docs.send(new PutCommand({ TableName: name, Item: { ...own, ...approval, expires_at } }));
  await docs.send(new PutCommand({ TableName: name, Item: { ...listed, expires_at } }));
}

/** The approvals of a plan, whether they count or not; only some if there are very many. */
export async function listApprovals(table: Table, digest: string): Promise<Approval[]> {
  const { Items = [] } = await table.docs.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :digest)',
      ExpressionAttributeValues: { ':pk': APPROVALS_PARTITION, ':digest': `${digest}#` },
      ConsistentRead: true,
      Limit: MOST_OF_ONE_PLAN,
    }),
  );
  const read = Items.map(({ sk }) => readApproval(table, digest, String(sk).slice(digest.length + 1)));
  return (await Promise.all(read)).filter((approval) => approval !== undefined);
}

async function readApproval(
  { docs, name }: Table,
  digest: string,
  user_id: string,
): Promise<Approval | undefined> {
  const Key = { pk: approvalPartition(user_id), sk: digest };
  const { Item } = await docs.send(new GetCommand({ TableName: name, Key, ConsistentRead: true }));
  if (!Item) return undefined;
  const { identity, source, table, files, reason, at } = Item;
  return {
    digest,
    table: String(table),
    files: Number(files),
    approver: { identity: String(identity), source: String(source), user_id },
    reason: String(reason),
    at: String(at),
  };
}
