import profile from '../../pipeline.json' with { type: 'json' };

/** What `pipeline.json` says, as the variable `PIPELINE_PROFILE` holds it. */
export const PROFILE_FILE_TEXT = JSON.stringify(profile);
