import { operationsHandler } from '../shared/operations/lambda-service.ts';

/** Answers `aws lambda invoke` with a reading `{"operation": …}`; what writes is refused, and its role could not do it. */
export const handler = operationsHandler('operations-read', 'reading', () => Date.now());
