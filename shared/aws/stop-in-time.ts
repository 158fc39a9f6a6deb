/**
 * A signal that an invocation has to end, with time left to finish work in progress.
 *
 * @param remainingMillis of the invocation
 * @param reserveMillis how long finishing may take; for a short invocation, half of its time is reserved
 */
export function stopInTime(remainingMillis: number, reserveMillis: number): AbortSignal {
  return AbortSignal.timeout(Math.floor(Math.max(remainingMillis / 2, remainingMillis - reserveMillis)));
}
