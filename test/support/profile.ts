import { limitsOfProfile } from '../../shared/orphans/limits.ts';
import { pipelineProfile } from '../../shared/settings/pipeline-profile.ts';

/** The pipeline of the field, as a deployment has it that sets nothing. */
export const FIELD_PROFILE = pipelineProfile.parse({});

export const FIELD_LIMITS = limitsOfProfile(FIELD_PROFILE);
