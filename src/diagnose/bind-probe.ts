import { UsageError } from '../errors.ts';
import { tryBinding } from '../native/binding.ts';
import { attempt } from '../native/call.ts';
import { isThisNetwork, type Place } from '../observe/place.ts';

/** The result of bind(2): `ok`, or the name of an errno; null if it could not be tried. */
export interface BindResults {
  readonly withoutReuseAddress: string | null;
  readonly withReuseAddress: string | null;
}

/**
 * Binds for real and closes at once, without and with SO_REUSEADDR. It never listens, so no client can connect. `::` is tried as
 * dual-stack, as most servers bind it.
 * @throws UsageError if the host is not an address of this machine
 */
export function tryBind(address: string, port: number): BindResults {
  const withoutReuseAddress = bindOnce(address, port, 'off');
  if (withoutReuseAddress === 'EADDRNOTAVAIL' || withoutReuseAddress === 'EAFNOSUPPORT') {
    throw noAddress(address, withoutReuseAddress);
  }
  return { withoutReuseAddress, withReuseAddress: bindOnce(address, port, 'on') };
}

/** Binds at a place; without an address, to all of them (dual-stack if there is IPv6), which conflicts with a holder of any address. */
export async function probe(
  place: Place,
  port: number,
  asked: string | undefined,
  signal: AbortSignal,
): Promise<{ host: string; bind: BindResults }> {
  const bindThere = async (host: string) => ({
    host,
    bind: isThisNetwork(place) ? tryBind(host, port) : await tryBindBehind(place, host, port, signal),
  });
  if (asked !== undefined) return bindThere(asked);
  try {
    return await bindThere('::');
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return bindThere('0.0.0.0');
  }
}

export function bindOnce(host: string, port: number, reuseAddress: 'on' | 'off'): string {
  const v6Only = host === '::' ? 'off' : 'on';
  let result = 'ok';
  const failure = attempt(() => {
    result = tryBinding({ host, reuseAddress, reusePort: 'off', v6Only }, port, 'not').bind;
  });
  return failure?.errno ?? result;
}

// The same in Perl, otherwise in Python: nearly every system has one of them.
const script = `
perl -MSocket -MErrno -e '
  my ($address, $port) = @ARGV;
  my $v6 = $address =~ /:/;
  for my $reuse (0, 1) {
    my $name = "ok";
    socket(my $s, $v6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0) or exit 1;
    setsockopt($s, SOL_SOCKET, SO_REUSEADDR, pack("i", $reuse));
    setsockopt($s, 41, 26, pack("i", $address eq "::" ? 0 : 1)) if $v6;
    my $packed = Socket::inet_pton($v6 ? AF_INET6 : AF_INET, $address);
    my $to = $v6 ? Socket::pack_sockaddr_in6($port, $packed) : pack_sockaddr_in($port, $packed);
    bind($s, $to) or ($name) = grep { $!{$_} } qw(EADDRINUSE EACCES EADDRNOTAVAIL EPERM), "EINVAL";
    print "$name\\n";
  }' "$@" || python3 -c '
import errno, socket, sys
address, port = sys.argv[1], int(sys.argv[2])
v6 = ":" in address
for reuse in (0, 1):
    s = socket.socket(socket.AF_INET6 if v6 else socket.AF_INET)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, reuse)
    if v6: s.setsockopt(41, 26, 0 if address == "::" else 1)
    try:
        s.bind((address, port))
        print("ok")
    except OSError as error:
        print(errno.errorcode[error.errno])' "$@"
`;

/** The same behind a launcher; null for both results without Perl and Python. */
async function tryBindBehind(
  place: Place,
  address: string,
  port: number,
  signal?: AbortSignal,
): Promise<BindResults> {
  const { stdout } = await place.run(['sh', '-c', script, 'sh', address, String(port)], signal);
  const match = /^(ok|E[A-Z]+)\n(ok|E[A-Z]+)\n$/.exec(stdout);
  if (match?.[1] === 'EADDRNOTAVAIL') throw noAddress(address, match[1]);
  return { withoutReuseAddress: match?.[1] ?? null, withReuseAddress: match?.[2] ?? null };
}

function noAddress(address: string, errno: string): UsageError {
  const why =
    errno === 'EAFNOSUPPORT' ? `there is no IPv6 for ${address}` : `the machine has no address ${address}`;
  return new UsageError('bad-host', `${why} (${errno}): give --host one of its addresses`);
}

/** Whether any bind succeeds: servers usually set SO_REUSEADDR, so TIME_WAIT does not block them. */
export function canBind({ withoutReuseAddress, withReuseAddress }: BindResults): boolean {
  return withoutReuseAddress === 'ok' || withReuseAddress === 'ok';
}
