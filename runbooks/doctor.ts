import * as z from 'zod';
import { command } from '../shared/cli/command.ts';
import { main } from '../shared/cli/entry.ts';
import { EXIT } from '../shared/text/refused.ts';
import { doctorBody, doctorView, isWell } from './views/doctor-view.ts';

export const doctor = command({
  name: 'doctor',
  description:
    'Checks an environment before and after deployment; exits with 0 if all is well (warnings allowed), else with 1',
  flags: z.object({}),
  buckets: true,
  examples: [
    ['--env local', 'this machine, while npm start runs'],
    ['--env dev', 'before the first deployment, and after each'],
    ['--env dev --json', 'for tools: every check with its level, what was found, and the remedy'],
  ],
  async run(context) {
    const { diagnose } = await import('./doctor/diagnose.ts');
    const diagnosis = await diagnose(context);
    await context.output.answer(doctorBody(diagnosis), doctorView(diagnosis));
    return isWell(diagnosis) ? EXIT.done : EXIT.failed;
  },
});

await main(import.meta, doctor);
