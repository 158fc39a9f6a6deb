/**
 * Where a record carries what its head says about its time. No table, list or answer shows it. It stands apart from
 * what reads the table, so that a command line can be read without loading the SDK.
 */
export const HEAD_SINCE: unique symbol = Symbol('since when, by the head');
