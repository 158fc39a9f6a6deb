import { describe, expect, test } from 'vitest';
import { environmentSettings, missingVariables, targetOf } from '../../infra/settings.ts';

const TABLE = 'arn:aws:dynamodb:eu-central-1:123456789012:table/files-prod';
const STREAM = `${TABLE}/stream/2026-11-23T05:22:46.000`;
const KNOWN = { PROD_TRACKING_TABLE_ARN: TABLE, PROD_TRACKING_STREAM_ARN: STREAM };

describe('the settings of dev', () => {
  const dev = environmentSettings('dev', {});

  test('create a tracking table and start nothing by themselves', () => {
    expect(dev).toMatchObject({ trackingTable: { kind: 'new' }, enableSchedules: false, keepData: false });
  });

  test('go to whatever account deploys them', () => {
    expect(targetOf(dev)).toBeUndefined();
    expect(missingVariables(dev)).toEqual([]);
  });
});

describe('the settings of prod', () => {
  test('keep data and start schedules', () => {
    expect(environmentSettings('prod', {})).toMatchObject({ enableSchedules: true, keepData: true });
  });

  test('are placeholders until both ARNs are given', () => {
    const variables = ['PROD_TRACKING_TABLE_ARN', 'PROD_TRACKING_STREAM_ARN'];
    expect(missingVariables(environmentSettings('prod', {}))).toEqual(variables);
    expect(missingVariables(environmentSettings('prod', KNOWN))).toEqual([]);
  });

  test('take account, region and name from the table', () => {
    const prod = environmentSettings('prod', KNOWN);
    expect(targetOf(prod)).toEqual({ account: '123456789012', region: 'eu-central-1' });
    expect(prod.names.trackingTable).toBe('files-prod');
  });

  test('take other names of buckets, and an address for alarms', () => {
    const prod = environmentSettings('prod', {
      ...KNOWN,
      PROD_INPUT_BUCKET: 'my-input',
      PROD_ALARM_EMAIL: 'ops@example.com',
      DEV_OUTPUT_BUCKET: 'not-mine',
    });
    expect(prod.names).toMatchObject({ inputBucket: 'my-input', outputBucket: 'ndjson-parquet-output-prod' });
    expect(prod.alarmEmail).toBe('ops@example.com');
  });

  test('heal nothing by themselves unless a policy is given', () => {
    expect(environmentSettings('prod', KNOWN).autoHeal).toEqual({ mode: 'report' });
    const PROD_AUTO_HEAL = '{"mode":"plan","causes":["updater_missed"],"max_changes":20}';
    expect(environmentSettings('prod', { ...KNOWN, PROD_AUTO_HEAL }).autoHeal).toMatchObject({
      mode: 'plan',
      max_changes: 20,
    });
  });

  test('answer plainly unless the form of an API is asked for', () => {
    expect(environmentSettings('prod', KNOWN).answerForm).toBe('plain');
    expect(environmentSettings('prod', { ...KNOWN, PROD_ANSWER_FORM: 'http' }).answerForm).toBe('http');
  });

  test.each([
    [{ ...KNOWN, PROD_ANSWER_FORM: 'xml' }, 'ANSWER_FORM: received "xml", allowed: plain, http'],
    [{ PROD_AUTO_HEAL: '{"mode":"apply"}' }, 'The healing policy cannot be used'],
    [{ PROD_TRACKING_TABLE_ARN: TABLE }, 'Set both PROD_TRACKING_TABLE_ARN and PROD_TRACKING_STREAM_ARN'],
    [
      { ...KNOWN, PROD_TRACKING_TABLE_ARN: 'files-prod' },
      'received "files-prod", expected the ARN of a DynamoDB table',
    ],
    [{ ...KNOWN, PROD_TRACKING_STREAM_ARN: TABLE }, `expected ${TABLE}/stream/<label>`],
  ])('refuse %j', (variables, message) => {
    expect(() => environmentSettings('prod', variables)).toThrow(message);
  });
});
