import type { Asked } from './asked.ts';
import { check, type Judgement } from './check.ts';
import { insteadOf, type Reading } from './reading.ts';

/** What SNS says of a topic that the settings name. */
interface TopicState {
  /** Undefined: no topic has that name. */
  readonly attributes: Readonly<Record<string, string>> | undefined;
}

/** Whether alarms can reach a topic that somebody else owns. Our own is created so that they can. */
export const alarmTopic = check({
  name: 'alarm topic',
  place: 'aws',
  permission: 'sns:GetTopicAttributes',
  read: readTopic,
  judge: judgeTopic,
});

async function readTopic(reading: Reading, { settings }: Asked): Promise<TopicState | undefined> {
  const { alarmTopicArn: TopicArn } = settings;
  if (TopicArn === undefined) return undefined;
  const { GetTopicAttributesCommand, SNSClient } = await import('@aws-sdk/client-sns');
  return new SNSClient(reading.client('SNS'))
    .send(new GetTopicAttributesCommand({ TopicArn }))
    .then(({ Attributes = {} }) => ({ attributes: Attributes }))
    .catch((error: unknown) => insteadOf(error, /^NotFound/, { attributes: undefined }));
}

/**
 * CloudWatch publishes to an encrypted topic only if the key's policy lets it; that of AWS's own key never does, and
 * cannot be changed: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 */
export function judgeTopic(topic: TopicState | undefined, { aws, file }: Asked): Judgement {
  if (!topic) return { level: 'ok', found: 'the stack creates its own topic' };
  if (!topic.attributes) {
    const say = `Create it, or correct alarms.topic_arn in ${file}. Without that setting, the stack creates a topic.`;
    return { level: 'problem', found: 'the topic in the settings does not exist', remedy: { say } };
  }
  const { KmsMasterKeyId: key = '', TopicArn = '' } = topic.attributes;
  if (key === '') return { level: 'ok', found: 'it exists and is not encrypted with a key' };
  if (key.endsWith('alias/aws/sns')) {
    const words = ['sns', 'set-topic-attributes', '--topic-arn', TopicArn];
    return {
      level: 'problem',
      found: "it is encrypted with AWS's own key, which CloudWatch cannot use: no alarm arrives",
      remedy: {
        say: 'Encrypt it with a key of your own whose policy lets CloudWatch use it, or turn encryption off:',
        run: aws(...words, '--attribute-name', 'KmsMasterKeyId', '--attribute-value', ''),
      },
    };
  }
  return {
    level: 'warning',
    found: `it is encrypted with ${key}; only the key's policy shows whether CloudWatch may use it`,
    remedy: {
      say: "The policy must allow kms:Decrypt and kms:GenerateDataKey* to cloudwatch.amazonaws.com and to the stack's role AlarmsOverRole. To see it:",
      run: aws(...keyPolicy(key)),
    },
  };
}

function keyPolicy(key: string): string[] {
  return [
    'kms',
    'get-key-policy',
    '--key-id',
    key,
    '--policy-name',
    'default',
    '--query',
    'Policy',
    '--output',
    'text',
  ];
}
