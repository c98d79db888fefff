/** The public interface: what a scenario is written with. */
export type { ClientOptions } from './lab/client.ts';
export { choice, flag, integer, type Parameter, signalName } from './scenario/parameters.ts';
export {
  type Context,
  type Need,
  type Scenario,
  type ScenarioDefinition,
  scenario,
} from './scenario/scenario.ts';
