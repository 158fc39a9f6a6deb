/** Long work in steps that may be interrupted at any moment and resumes from its last saved state. */
export interface Resumable<S, R> {
  /** The saved state; undefined to begin. */
  load(): Promise<S | undefined>;
  begin(): S;
  /** A step that was not saved is repeated, so doing it twice must do no harm. */
  step(state: S): Promise<Step<S>>;
  save(state: S): Promise<void>;
  /** Called once, after the last step. */
  finish(state: S): Promise<R>;
}

/** The state after a step, and whether that was the last one. */
export interface Step<S> {
  readonly state: S;
  readonly isLast: boolean;
}

/** What one run did. */
export interface ResumableRun<S, R> {
  readonly state: S;
  readonly steps: number;
  /** Set if the work is finished. */
  readonly result: R | undefined;
}

/** How much one run does. */
export interface RunLimits {
  /** Asked after each step: whether this run has to stop here. */
  mustStop(): boolean;
  /** Saves after this many steps, and when it stops; after each step by default. */
  readonly stepsPerSave?: number;
}

/**
 * Works until the end or until it must stop; the next run then resumes from the saved state. State and numbers are saved
 * together, so nothing is counted twice or left out.
 */
export async function runResumable<S, R>(
  work: Resumable<S, R>,
  { mustStop, stepsPerSave = 1 }: RunLimits,
): Promise<ResumableRun<S, R>> {
  let state = (await work.load()) ?? work.begin();
  for (let steps = 1; ; steps++) {
    const step = await work.step(state);
    state = step.state;
    if (step.isLast) return { state, steps, result: await work.finish(state) };
    const stops = mustStop();
    if (stops || steps % stepsPerSave === 0) await work.save(state);
    if (stops) return { state, steps, result: undefined };
  }
}
