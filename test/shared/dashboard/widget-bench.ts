import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { dynamoDbDocuments } from '../../../shared/aws/clients.ts';
import { ASKED_OPERATIONS } from '../../../shared/dashboard/read.ts';
import type { Source } from '../../../shared/dashboard/source.ts';
import { answerWidget } from '../../../shared/dashboard/widget.ts';
import { operations } from '../../../shared/operations/all.ts';
import { answer } from '../../../shared/operations/answer.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { parseElements } from '../../support/markup.ts';
import { operationDeps } from '../../support/operations.ts';
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
  { view: 'orphans' },
  { view: 'changes' },
  { view: 'change', change: 'none' },
];

type WidgetSource = Omit<Source, 'timeRange'>;

/** The widget on tables of its own, with a clock that stands still. */
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
  const asked = operations.filter(({ name }) => ASKED_OPERATIONS.some((each) => each === name));
  return {
    ask: (question) => answer(question, asked, operationDeps(aws, NOW)),
    noteFault: () => undefined,
    projection: { docs: dynamoDbDocuments(aws.dynamoDb), name: aws.projectionTable },
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
