/** The version of everything here, as in package.json (a test compares them). CHANGELOG.md says what it means. */
export const VERSION = '0.9.0';
