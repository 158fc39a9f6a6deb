import type { Navigation } from './navigation.ts';

/** What every view is drawn with. */
export interface ViewContext {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** `local`, `dev` or `prod`: commands to copy are for it. */
  readonly environment: string;
  readonly navigation: Navigation;
}
