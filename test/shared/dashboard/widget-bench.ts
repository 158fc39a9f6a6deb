import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { dynamoDbDocuments } from '../../../shared/aws/clients.ts';
import { answerWidget, type WidgetSource } from '../../../shared/dashboard/widget.ts';
import { trackingTable } from '../../../shared/pipeline/tracking-table.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { parseElements } from '../../support/markup.ts';
import { FIELD_PROFILE } from '../../support/profile.ts';
import { NOW } from './view-data.ts';

export const PLACE = {
  environment: 'local',
  functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:widget',
};
export const DATE = '2026-11-23';

/** A request for each view. */
export const EVERY_VIEW = [
  { view: 'overview' },
  { view: 'dates' },
  { view: 'files', date: DATE },
  { view: 'files', status: 'failed' },
  { view: 'file', date: DATE, file: 'plain.ndjson' },
  { view: 'manifests' },
  { view: 'manifest', date: DATE, manifest: `s3://m/manifests/${DATE}/batch-1.json` },
  { view: 'locks' },
  { view: 'failures' },
  { view: 'failures', class: 'other' },
  { view: 'orphans' },
  { view: 'changes' },
  { view: 'change', change: 'none' },
];

/** The widget on its own tables, with a fixed clock. */
export interface WidgetBench {
  readonly aws: LocalAws;
  readonly source: WidgetSource;
  /** The requests to DynamoDB so far, by their names. */
  readonly requests: string[];
  view(event: unknown, source?: WidgetSource): Promise<string>;
  putFile(file_key: string): Promise<void>;
}

export async function widgetBench(): Promise<WidgetBench> {
  const aws = await localAws();
  const requests: string[] = [];
  aws.dynamoDb.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        requests.push(String(commandName));
        return next(args);
      },
    { step: 'initialize' },
  );
  const source = sourceOf(aws);
  return {
    aws,
    source,
    requests,
    view: (event, from = source) => answerWidget(event, PLACE, from),
    putFile: (file_key) => putFile(aws, file_key),
  };
}

/** A source as the deployed function has it. */
function sourceOf(aws: LocalAws): WidgetSource {
  const docs = dynamoDbDocuments(aws.dynamoDb);
  return {
    noteFault: () => undefined,
    profile: FIELD_PROFILE,
    tracking: trackingTable(docs, aws.trackingTable, FIELD_PROFILE),
    projection: { docs, name: aws.projectionTable },
    keepSample: (sample) => [sample],
    now: NOW,
  };
}

async function putFile(aws: LocalAws, file_key: string): Promise<void> {
  const created_at = '2026-11-23T05:00:00Z';
  const Item = { date_prefix: DATE, file_key, status: 'failed#3', created_at };
  await aws.documents.send(new PutCommand({ TableName: aws.trackingTable, Item }));
}

/** What the buttons of a view would call the function with. */
export function actionsIn(markup: string): Record<string, string>[] {
  return parseElements(markup)
    .filter(({ name }) => name === 'cwdb-action')
    .map(({ text }) => JSON.parse(text));
}
