import { DynamoDBStreamsClient, type GetRecordsCommandOutput } from '@aws-sdk/client-dynamodb-streams';
import { clockOffset } from './offset.ts';

const MARK = Symbol.for('state-manager.times-moved');

/**
 * DynamoDB Local runs in Java, whose clock nobody can move. What it tells of the time of a change is moved here,
 * as the tests' processes receive it: a change would else look as old as the clock is ahead.
 */
const moved = new WeakSet<DynamoDBStreamsClient>();
const { prototype } = DynamoDBStreamsClient;
const { send } = prototype;

// This runs before each test file, and several files may share a process.
if (!(MARK in send)) {
  prototype.send = Object.assign(
    function (this: DynamoDBStreamsClient, ...args: unknown[]) {
      if (!moved.has(this)) moveTimes(this);
      moved.add(this);
      return Reflect.apply(send, this, args);
    },
    { [MARK]: true },
  );
}

/** Behind the step in which a stream that a test made up answers: its times are the test's own. */
function moveTimes(client: DynamoDBStreamsClient): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      for (const { dynamodb } of (result.output as Partial<GetRecordsCommandOutput>).Records ?? []) {
        const created = dynamodb?.ApproximateCreationDateTime;
        if (dynamodb && created) dynamodb.ApproximateCreationDateTime = movedMinute(created);
      }
      return result;
    },
    { step: 'build' },
  );
}

/** The engine cuts times to the minute: the last full minute in which the change can have been, on our clock. */
function movedMinute(created: Date): Date {
  const latest = Math.min(Date.now(), created.getTime() + clockOffset() + 59_999);
  return new Date(latest - (latest % 60_000));
}
