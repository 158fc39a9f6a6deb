/**
 * Where a record carries what its head says about its time. No table, list or answer shows it. It is separate from the
 * code that reads the table, so that a command line can be parsed without loading the SDK.
 */
export const HEAD_SINCE: unique symbol = Symbol('since when, by the head');
