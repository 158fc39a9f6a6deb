import { describe, expect, test } from 'vitest';
import { eventFilter } from '../../../infra/local-lambda/event-filter.ts';

/** The record and the patterns of https://docs.aws.amazon.com/lambda/latest/dg/with-ddb-filtering.html */
const RECORD = {
  eventID: '1',
  eventVersion: '1.0',
  dynamodb: {
    ApproximateCreationDateTime: '1678831218.0',
    Keys: { CustomerName: { S: 'AnyCompany Industries' } },
    NewImage: {
      AccountManager: { S: 'Pat Candella' },
      PaymentTerms: { S: '60 days' },
      CustomerName: { S: 'AnyCompany Industries' },
    },
    SequenceNumber: '111',
    SizeBytes: 26,
    StreamViewType: 'NEW_IMAGE',
  },
};

const passes = (...patterns: object[]) => eventFilter(patterns.map((each) => JSON.stringify(each)))(RECORD);

describe('by the documented examples of DynamoDB, a record passes', () => {
  test('by its key', () => {
    const named = (name: string) => ({ dynamodb: { Keys: { CustomerName: { S: [name] } } } });
    expect(passes(named('AnyCompany Industries'))).toBe(true);
    expect(passes(named('Another Company'))).toBe(false);
  });

  test('by one of several values of an attribute', () => {
    const managed = (...names: string[]) => ({ dynamodb: { NewImage: { AccountManager: { S: names } } } });
    expect(passes(managed('Pat Candella', 'Shirley Rodriguez'))).toBe(true);
    expect(passes(managed('Shirley Rodriguez'))).toBe(false);
  });

  test('by two attributes only if both hold', () => {
    const both = (AccountManager: string, PaymentTerms: string) => ({
      dynamodb: {
        NewImage: { AccountManager: { S: [AccountManager] }, PaymentTerms: { S: [PaymentTerms] } },
      },
    });
    expect(passes(both('Pat Candella', '60 days'))).toBe(true);
    expect(passes(both('Pat Candella', '30 days'))).toBe(false);
  });
});

/** https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html#filtering-syntax */
describe('by the documented rules', () => {
  const value = (rules: unknown[], text: unknown) =>
    eventFilter([JSON.stringify({ field: rules })])({ ...(text !== undefined && { field: text }) });

  test.each([
    ['Equals: Name is "Alice"', ['Alice'], 'Alice', 'alice'],
    ['Empty: LastName is empty', [''], '', 'Miller'],
    ['Or: PaymentType is "Credit" or "Debit"', ['Credit', 'Debit'], 'Debit', 'Cash'],
    ['Not: Weather is anything but "Raining"', [{ 'anything-but': ['Raining'] }], 'Sunny', 'Raining'],
    ['Begins with: Region is in the US', [{ prefix: 'us-' }], 'us-east-1', 'eu-us-1'],
  ])('%s', (_name, rules, good, bad) => {
    expect(value(rules, good)).toBe(true);
    expect(value(rules, bad)).toBe(false);
    expect(value(rules, undefined)).toBe(false);
    expect(value(rules, 7)).toBe(false);
  });

  test('And: Location is "New York" and Day is "Monday"', () => {
    const filter = eventFilter([JSON.stringify({ Location: ['New York'], Day: ['Monday'] })]);
    expect(filter({ Location: 'New York', Day: 'Monday' })).toBe(true);
    expect(filter({ Location: 'New York', Day: 'Sunday' })).toBe(false);
  });

  test('of several filters one is enough, and without any every record passes', () => {
    const never = { eventID: ['2'] };
    expect(passes(never, { eventID: ['1'] })).toBe(true);
    expect(passes(never, { dynamodb: { Keys: { none: { S: ['1'] } } } })).toBe(false);
    expect(passes()).toBe(true);
  });

  test.each([
    [{ unknown: 'x' }],
    [{ prefix: 7 }],
    [{ 'anything-but': 'Raining' }],
    [{ 'anything-but': { prefix: 'us-' } }],
    [{ prefix: 'a', suffix: 'b' }],
    [{}],
    [null],
    [7],
  ])('a rule that is not known here is an error at once: %j', (rule) => {
    expect(() => eventFilter([JSON.stringify({ field: [rule] })])).toThrow(
      `Invalid filter pattern definition: ${JSON.stringify(rule)}.`,
    );
  });
});
