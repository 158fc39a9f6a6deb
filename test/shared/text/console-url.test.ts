import { expect, test } from 'vitest';
import { executionUrl, logsUrl, objectUrl } from '../../../shared/text/console-url.ts';

test('an object, a folder, an execution and a log group have their place in the console of their region', () => {
  expect(objectUrl('eu-central-1', { bucket: 'b', key: 'in/2026-11-23/a b.ndjson' })).toBe(
    'https://eu-central-1.console.aws.amazon.com/s3/object/b?region=eu-central-1&prefix=in%2F2026-11-23%2Fa%20b.ndjson',
  );
  expect(objectUrl('eu-central-1', { bucket: 'b', key: 'merged/' })).toContain('/s3/buckets/b?');
  const arn = 'arn:aws:states:eu-west-1:123456789012:execution:machine:run-1';
  expect(executionUrl(arn)).toBe(
    `https://eu-west-1.console.aws.amazon.com/states/home?region=eu-west-1#/v2/executions/details/${encodeURIComponent(arn)}`,
  );
  expect(logsUrl('us-east-1', '/aws/lambda/f', 'jr_1')).toBe(
    'https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#logsV2:log-groups/log-group/$252Faws$252Flambda$252Ff/log-events/jr_1',
  );
});

test('each partition has its own domain, and where none is known there is no link', () => {
  expect(logsUrl('us-gov-west-1', 'g')).toContain('https://us-gov-west-1.console.amazonaws-us-gov.com/');
  expect(logsUrl('cn-north-1', 'g')).toContain('https://cn-north-1.console.amazonaws.cn/');
  expect(executionUrl('arn:aws-cn:states:cn-north-1:123456789012:execution:m:r')).toContain('amazonaws.cn');
  expect(logsUrl('eusc-de-east-1', 'g')).toContain('https://eusc-de-east-1.console.amazonaws-eusc.eu/');
  for (const region of ['us-iso-east-1', 'eusc-east-1', '', 'x"><script>'])
    expect(logsUrl(region, 'g')).toBeUndefined();
});

test('what is no ARN of an execution leads nowhere', () => {
  for (const arn of ['', 'run-1', 'arn:aws:s3:::b', 'arn:aws:states:eu-west-1:1:execution:m:"><b>'])
    expect(executionUrl(arn)).toBeUndefined();
});
