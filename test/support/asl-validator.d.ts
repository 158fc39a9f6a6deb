declare module 'asl-validator' {
  /** The package has no types; these follow its README. */
  export default function validate(definition: object): {
    readonly isValid: boolean;
    errorsText(separator?: string): string;
  };
}
