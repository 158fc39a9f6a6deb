/**
 * A signal that an invocation has to come to its end, with time left to finish what is under way.
 *
 * @param remainingMillis of the invocation
 * @param reserveMillis what finishing may take; of a short invocation, half is kept
 */
export function stopInTime(remainingMillis: number, reserveMillis: number): AbortSignal {
  return AbortSignal.timeout(Math.floor(Math.max(remainingMillis / 2, remainingMillis - reserveMillis)));
}
