import { expect, test } from 'vitest';
import { readConfig } from '../../../shared/aws/config.ts';

const environment = { TRACKING_TABLE: 'tracking', PROJECTION_TABLE: 'projection', ENVIRONMENT: '' };

test('only the requested settings are read', () => {
  expect(readConfig(['trackingTable'], environment)).toEqual({ trackingTable: 'tracking' });
});

test('every missing variable is named at once, including empty ones', () => {
  expect(() => readConfig(['trackingTable', 'environment', 'inputBucket'], environment)).toThrow(
    'ENVIRONMENT, INPUT_BUCKET',
  );
});
