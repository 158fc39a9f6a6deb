import { operationsHandler } from '../shared/operations/lambda-service.ts';

/** Answers `aws lambda invoke` with a read-only `{"operation": …}`; it refuses writes, and its role could not make them. */
export const handler = operationsHandler('operations-read', 'reading', () => Date.now());
