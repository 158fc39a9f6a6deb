import { limitsOfProfile } from '../../shared/orphans/limits.ts';
import { pipelineProfile } from '../../shared/settings/pipeline-profile.ts';

/** The pipeline of the field: the profile of a deployment without settings. */
export const FIELD_PROFILE = pipelineProfile.parse({});

export const FIELD_LIMITS = limitsOfProfile(FIELD_PROFILE);
