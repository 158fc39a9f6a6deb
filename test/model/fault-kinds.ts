/** What may befall one call of a consumer; the consumer may die of it, and the call may yet take effect. */
export const FAULT_KINDS = [
  'dies before the call',
  'dies after the call',
  'dies, and the call lands later',
  'answer lost',
  'times out, and the call lands later',
  'asked twice',
  'throttle',
  'server error',
  'denied',
  'conflict',
  'mixed reasons',
  'slow',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];
