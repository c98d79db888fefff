import { type Begun, examine } from '../doctor/doctor.ts';
import { type DoctorDocument, doctorDocumentOf } from '../report/documents/doctor.ts';
import { type Following, requireLinux, signalOf } from './following.ts';

/** A check begins: its title, the number of checks done, and the number of all checks. */
export interface DoctorEvent extends Begun {
  readonly type: 'check';
}

export type DoctorOptions = Following<DoctorEvent>;

export async function doctor(options: DoctorOptions = {}): Promise<DoctorDocument> {
  requireLinux();
  const { onEvent } = options;
  const groups = await examine(signalOf(options), (event) => onEvent?.({ type: 'check', ...event }));
  return doctorDocumentOf(groups);
}
