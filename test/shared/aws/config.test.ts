import { expect, test } from 'vitest';
import { readConfig } from '../../../shared/aws/config.ts';

const environment = { TRACKING_TABLE: 'tracking', PROJECTION_TABLE: 'projection', ENVIRONMENT: '' };

test('only the settings that are asked for are read', () => {
  expect(readConfig(['trackingTable'], environment)).toEqual({ trackingTable: 'tracking' });
});

test('every missing variable is named at once, an empty one too', () => {
  expect(() => readConfig(['trackingTable', 'environment', 'inputBucket'], environment)).toThrow(
    'ENVIRONMENT, INPUT_BUCKET',
  );
});
