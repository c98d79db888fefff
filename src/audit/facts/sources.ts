import type { Place } from '../../observe/place.ts';
import { type NatRules, readNatRules } from './nat.ts';
import { type SettingPlace, settingPlaces } from './setting-places.ts';

/** What only some findings need, read when it is first asked for. */
export class Sources {
  readonly #place: Place;
  readonly #signal: AbortSignal;
  #natRules: Promise<NatRules> | undefined;
  #settingPlaces: Promise<ReadonlyMap<string, readonly SettingPlace[]>> | undefined;

  constructor(place: Place, signal: AbortSignal) {
    this.#place = place;
    this.#signal = signal;
  }

  natRules(): Promise<NatRules> {
    this.#natRules ??= readNatRules(this.#place, this.#signal);
    return this.#natRules;
  }

  settingPlaces(): Promise<ReadonlyMap<string, readonly SettingPlace[]>> {
    this.#settingPlaces ??= settingPlaces(this.#place, this.#signal);
    return this.#settingPlaces;
  }
}
