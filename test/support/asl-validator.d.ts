declare module 'asl-validator' {
  /** The package has no types of its own; this is what its README says. */
  export default function validate(definition: object): {
    readonly isValid: boolean;
    errorsText(separator?: string): string;
  };
}
