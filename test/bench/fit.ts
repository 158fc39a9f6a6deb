/** The cost of an input of one size. */
export interface Point {
  readonly size: number;
  readonly cost: number;
}

/** cost = factor · size^exponent */
export interface PowerLaw {
  readonly factor: number;
  readonly exponent: number;
  /** The largest deviation, as a factor: 1.1 if a measured cost is 10% above or below. */
  readonly offBy: number;
}

/**
 * Fits how a cost grows with its input: a line through the logarithms, by least squares. An exponent of 0 means
 * that the cost stays the same, 1 that it grows in proportion.
 *
 * @throws RangeError for sizes or costs that are not positive, or without two different sizes
 */
export function fitPowerLaw(points: readonly Point[]): PowerLaw {
  const logs = points.map(({ size, cost }) => ({ x: Math.log(size), y: Math.log(cost) }));
  const isPositive = logs.every(({ x, y }) => Number.isFinite(x) && Number.isFinite(y));
  if (!isPositive) throw new RangeError(`a power law needs positive sizes and costs: ${shown(points)}`);
  const meanX = mean(logs.map(({ x }) => x));
  const meanY = mean(logs.map(({ y }) => y));
  const spread = sum(logs.map(({ x }) => (x - meanX) ** 2));
  if (!(spread > 0)) throw new RangeError(`a power law needs two different sizes: ${shown(points)}`);
  const exponent = sum(logs.map(({ x, y }) => (x - meanX) * (y - meanY))) / spread;
  const intercept = meanY - exponent * meanX;
  const farthest = Math.max(...logs.map(({ x, y }) => Math.abs(y - intercept - exponent * x)));
  return { factor: Math.exp(intercept), exponent, offBy: Math.exp(farthest) };
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function shown(points: readonly Point[]): string {
  return points.map(({ size, cost }) => `${cost} at ${size}`).join(', ');
}
