/** Another program that has taken the server's port after the signal. */
export interface Stranger {
  /** `process 4711 (python3 -m http.server)`. */
  readonly who: string;
  readonly since: number;
}
