import type { FindingKind } from './finding.ts';
import { acceptQueue } from './findings/accept-queue.ts';
import { allAddresses } from './findings/all-addresses.ts';
import { closeWait } from './findings/close-wait.ts';
import { conntrack } from './findings/conntrack.ts';
import { ephemeralPorts } from './findings/ephemeral-ports.ts';
import { finWait2 } from './findings/fin-wait2.ts';
import { idle } from './findings/idle.ts';
import { inRange } from './findings/in-range.ts';
import { natRule } from './findings/nat-rule.ts';
import { noReuseAddress } from './findings/no-reuse-address.ts';
import { orphans } from './findings/orphans.ts';
import { overflows } from './findings/overflows.ts';
import { settings } from './findings/settings.ts';
import { shadowed } from './findings/shadowed.ts';
import { sharedPort } from './findings/shared-port.ts';
import { timeWaits } from './findings/time-waits.ts';
import { unanswered } from './findings/unanswered.ts';
import { unfinished } from './findings/unfinished.ts';
import { unread } from './findings/unread.ts';

/** Everything that an audit looks for. */
export const findingKinds: readonly FindingKind[] = [
  acceptQueue,
  overflows,
  ephemeralPorts,
  closeWait,
  finWait2,
  unfinished,
  unanswered,
  unread,
  idle,
  orphans,
  conntrack,
  natRule,
  shadowed,
  sharedPort,
  noReuseAddress,
  timeWaits,
  allAddresses,
  inRange,
  settings,
];
