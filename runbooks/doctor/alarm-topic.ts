import type { Asked } from './asked.ts';
import { check, type Judgement } from './check.ts';
import { insteadOf, type Reading } from './reading.ts';

/** What SNS says of a topic that the settings name. */
interface TopicState {
  /** Undefined: there is none of that name. */
  readonly attributes: Readonly<Record<string, string>> | undefined;
}

/** Whether alarms can reach a topic that is somebody else's. Our own is made so that they can. */
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
  if (!topic) return { level: 'ok', found: 'one of its own' };
  if (!topic.attributes) {
    const say = `Create it, or correct alarms.topic_arn in ${file}; left out, a topic is created.`;
    return { level: 'problem', found: 'the topic of the settings does not exist', remedy: { say } };
  }
  const { KmsMasterKeyId: key = '', TopicArn = '' } = topic.attributes;
  if (key === '') return { level: 'ok', found: 'it exists, and needs no key' };
  if (key.endsWith('alias/aws/sns')) {
    const words = ['sns', 'set-topic-attributes', '--topic-arn', TopicArn];
    return {
      level: 'problem',
      found: "it is encrypted with AWS's own key, which CloudWatch may not use: no alarm arrives",
      remedy: {
        say: 'Encrypt it with a key of your own whose policy lets CloudWatch use it, or not at all:',
        run: aws(...words, '--attribute-name', 'KmsMasterKeyId', '--attribute-value', ''),
      },
    };
  }
  return {
    level: 'warning',
    found: `it is encrypted with ${key}; whether CloudWatch may use that, only the key's policy tells`,
    remedy: {
      say: "It must allow kms:Decrypt and kms:GenerateDataKey* to cloudwatch.amazonaws.com, and to the stack's role AlarmsOverRole. To see it:",
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
