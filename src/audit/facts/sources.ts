import { type Nat, readNat } from '../../observe/nat/redirects.ts';
import type { Place } from '../../observe/place.ts';
import { type SettingPlace, settingPlaces } from './setting-places.ts';

/** Facts that only some findings need, read on first use. */
export class Sources {
  readonly #place: Place;
  readonly #signal: AbortSignal;
  #nat: Promise<Nat> | undefined;
  #settingPlaces: Promise<ReadonlyMap<string, readonly SettingPlace[]>> | undefined;

  constructor(place: Place, signal: AbortSignal) {
    this.#place = place;
    this.#signal = signal;
  }

  nat(): Promise<Nat> {
    this.#nat ??= readNat(this.#place, 'if rules are hidden', this.#signal);
    return this.#nat;
  }

  settingPlaces(): Promise<ReadonlyMap<string, readonly SettingPlace[]>> {
    this.#settingPlaces ??= settingPlaces(this.#place, this.#signal);
    return this.#settingPlaces;
  }
}
