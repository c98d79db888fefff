"""Reads the raw files of a claim, except the packets."""
import ipaddress
import re

STATES = {'ESTAB': 'ESTABLISHED', 'UNCONN': 'CLOSED', 'FIN-WAIT-1': 'FIN_WAIT1', 'FIN-WAIT-2': 'FIN_WAIT2'}
# What the raw files say otherwise than evidence.json, in the order in which it is found.
problems = []


def text_of(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


def endpoint(address, port):
    address = address.strip('[]').split('%')[0].split(']')[0]
    parsed = ipaddress.ip_address('::' if address == '*' else address)
    return (str(getattr(parsed, 'ipv4_mapped', None) or parsed), 0 if port == '*' else int(port))


def both(ends):
    return {endpoint(end['address'], end['port']) for end in ends.values()}


def milliseconds(text):
    """As ss shows the time left on a timer: 1min2sec, 59sec, 200ms, or 2.750ms, which are 2 seconds and 750 ms."""
    (minutes, whole, seconds, rest) = re.fullmatch(r'(?:(\d+)min)?(?:(\d+)sec|(?:(\d)\.)?(\d{3})ms)?', text).groups(0)
    return int(minutes) * 60_000 + (int(whole) + int(seconds)) * 1000 + int(rest)


def rows_of(text):
    rows = []
    for line in text.splitlines():
        words = line.split()
        if not words or words[0] == 'State':
            continue
        (local, peer) = (words[3].rsplit(':', 1), words[4].rsplit(':', 1))
        rest = ' '.join(words[5:])
        timer = re.search(r'timer:\((\w+),([^,]*),(\d+)\)', rest)
        inode = re.search(r'ino:(\d+)', rest)
        rows.append({
            'state': STATES.get(words[0], words[0].replace('-', '_')),
            'ends': (endpoint(*local), endpoint(*peer)),
            'receiveQueue': int(words[1]),
            'sendQueue': int(words[2]),
            'pids': [int(pid) for pid in re.findall(r'",pid=(\d+),fd=', rest)],
            'timer': timer.group(1) if timer else 'none',
            'leftMs': milliseconds(timer.group(2)) if timer else None,
            'retransmits': int(timer.group(3)) if timer else 0,
            'inode': int(inode.group(1)) if inode else 0,
        })
    return rows


def traced(path):
    rows = []
    for line in text_of(path).splitlines():
        fields = dict(re.findall(r'(\w+)=(\S+)', line))
        (local, peer) = ('saddr', 'daddr') if fields['family'] == 'AF_INET' else ('saddrv6', 'daddrv6')
        row = {end: fields[f'{end}state'].removeprefix('TCP_') for end in ('old', 'new')}
        row['ends'] = (endpoint(fields[local], fields['sport']), endpoint(fields[peer], fields['dport']))
        if row['old'] != row['new']:
            rows.append(row)
    return rows


def counters_in(path):
    (names, counters) = ({}, {})
    for line in text_of(path).splitlines():
        (group, *fields) = line.split() or ['']
        if group in ('Tcp:', 'TcpExt:'):
            if group in names:
                counters.update(zip(names[group], map(int, fields)))
            names.setdefault(group, fields)
    return counters


def moved(one):
    return sum(counters_in(host['after']).get(one['counter'], 0) - counters_in(host['before']).get(one['counter'], 0)
               for host in one['hosts'])


def distinct(values):
    return list(dict.fromkeys(values))
