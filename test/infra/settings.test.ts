import { describe, expect, test } from 'vitest';
import { environmentSettings, missingSettings, targetOf } from '../../infra/settings.ts';
import { settingsFolder } from '../support/settings-folder.ts';

const TABLE = 'arn:aws:dynamodb:eu-central-1:123456789012:table/files-prod';
const STREAM = `${TABLE}/stream/2026-11-23T05:22:46.000`;
const KNOWN = { PROD_TRACKING_TABLE_ARN: TABLE, PROD_TRACKING_STREAM_ARN: STREAM };

describe('the settings of dev', () => {
  const dev = environmentSettings('dev', {});

  test('create a tracking table and start nothing by themselves', () => {
    expect(dev).toMatchObject({ trackingTable: { kind: 'new' }, enableSchedules: false, keepData: false });
  });

  test('go to whatever account deploys them', () => {
    expect(targetOf(dev)).toEqual({});
    expect(missingSettings(dev)).toEqual([]);
  });

  test("name a table that is not the pipeline's own, and the function that documented commands call", () => {
    expect(dev.names).toMatchObject({
      trackingTable: 'ndjson-parquet-state-manager-tracking-dev',
      operationsFunction: 'ndjson-parquet-state-management-dev',
    });
  });

  test('take the table of the pipeline where variables name it', () => {
    const variables = { DEV_TRACKING_TABLE_ARN: TABLE, DEV_TRACKING_STREAM_ARN: STREAM };
    expect(environmentSettings('dev', variables)).toMatchObject({
      trackingTable: { kind: 'existing', tableArn: TABLE, streamArn: STREAM },
      names: { trackingTable: 'files-prod' },
    });
  });
});

describe('the settings of prod', () => {
  test('keep data and start schedules', () => {
    expect(environmentSettings('prod', {})).toMatchObject({ enableSchedules: true, keepData: true });
  });

  test('are placeholders until the stream is named', () => {
    expect(missingSettings(environmentSettings('prod', {}))).toEqual(['tracking_table.stream_arn']);
    expect(missingSettings(environmentSettings('prod', KNOWN))).toEqual([]);
    expect(missingSettings(environmentSettings('prod', { PROD_TRACKING_STREAM_ARN: STREAM }))).toEqual([]);
  });

  test('leave alone the names that the older State Manager has', () => {
    const { names } = environmentSettings('prod', KNOWN);
    expect(names.operationsFunction).toBe('ndjson-parquet-state-management-operations-prod');
  });

  test('name a bucket for dead letters that no other account has', () => {
    expect(environmentSettings('prod', KNOWN).names.deadLetterBucket).toBe(
      'state-manager-dead-letters-prod-123456789012-eu-central-1',
    );
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
    expect(prod.alarmEmails).toEqual(['ops@example.com']);
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
    [
      { ...KNOWN, PROD_ANSWER_FORM: 'xml' },
      'PROD_ANSWER_FORM: answer_form: received "xml", allowed: plain, http',
    ],
    [
      { PROD_AUTO_HEAL: '{"mode":"apply"}' },
      'PROD_AUTO_HEAL: auto_heal.causes: received nothing, allowed: at least one cause',
    ],
    [
      { PROD_TRACKING_TABLE_ARN: TABLE },
      `tracking_table.stream_arn: received nothing, allowed: ${TABLE}/stream/LABEL`,
    ],
    [
      { ...KNOWN, PROD_TRACKING_TABLE_ARN: 'files-prod' },
      'PROD_TRACKING_TABLE_ARN: tracking_table.table_arn: received "files-prod", allowed: the ARN of a DynamoDB table',
    ],
    [{ ...KNOWN, PROD_TRACKING_STREAM_ARN: `${TABLE}s/stream/1` }, `allowed: ${TABLE}/stream/LABEL`],
  ])('refuse %j', (variables, message) => {
    expect(() => environmentSettings('prod', variables)).toThrow(message);
  });
});

test('an environment without a file is refused, with those that there are and how to add one', () => {
  const variables = settingsFolder({ 'settings.staging.json': {} });
  expect(() => environmentSettings('prod', variables)).toThrow(
    /received "prod", allowed: staging\. To add one, write settings\.NAME\.json/,
  );
  expect(() => environmentSettings('local', variables)).toThrow('received "local", allowed: staging.');
});
