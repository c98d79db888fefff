import { type Step, step } from '../../diagnose/advice/step.ts';
import type { Redirect } from '../../observe/nat/redirects.ts';
import type { Facts } from '../facts.ts';

const shownRules = 3;

export function ruleSteps(redirects: readonly Redirect[], { shell }: Facts): Step[] {
  return redirects
    .slice(0, shownRules)
    .flatMap(({ to, show, remove }) => [
      step(`look at the rule that leads to ${to}`, shell.command('root', show)),
      ...(remove === null ? [] : [step('if it is not wanted, delete it', shell.command('root', remove))]),
    ]);
}
