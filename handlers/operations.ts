import { operationsHandler } from '../shared/operations/lambda-service.ts';

/** Answers `aws lambda invoke` with any `{"operation": …}`. */
export const handler = operationsHandler('operations', 'everything', () => Date.now());
