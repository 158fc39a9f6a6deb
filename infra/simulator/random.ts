import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Seeded randomness: the same seed gives the same sequence on every machine. */
export interface Random {
  /** A whole number, both bounds included. */
  integer(from: number, to: number): number;
  /** A number of seconds, weight or share between the bounds. */
  between(from: number, to: number): number;
  chance(probability: number): boolean;
  pick<T extends { readonly weight: number }>(choices: readonly T[]): T;
  hex(length: number): string;
  uuid(): string;
}

export function createRandom(seed: number): Random {
  const generator = xoroshiro128plus(seed);
  const fraction = () => uniformFloat64(generator);
  const integer = (from: number, to: number) => uniformInt(generator, from, to);
  const hex = (length: number) => Array.from({ length }, () => integer(0, 15).toString(16)).join('');
  return {
    integer,
    between: (from, to) => from + fraction() * (to - from),
    chance: (probability) => fraction() < probability,
    pick: (choices) => pickWeighted(choices, fraction()),
    hex,
    uuid: () => [8, 4, 4, 4, 12].map(hex).join('-'),
  };
}

function pickWeighted<T extends { readonly weight: number }>(choices: readonly T[], fraction: number): T {
  let rest = fraction * choices.reduce((sum, { weight }) => sum + weight, 0);
  const picked = choices.find(({ weight }) => {
    rest -= weight;
    return rest < 0;
  });
  // Rounding may leave a tiny rest after the last choice.
  const choice = picked ?? choices.at(-1);
  if (choice === undefined) throw new Error('Nothing to pick from.');
  return choice;
}
