"""Reads the captured packets by tshark."""
import functools
import subprocess

from raw import both, distinct, endpoint, problems

FLAGS = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR']
IN_FIGURE = ['SYN', 'FIN', 'RST', 'PSH', 'URG', 'ACK']
FIELDS = ['frame.number', 'ip.src', 'ipv6.src', 'ip.dst', 'ipv6.dst', 'tcp.srcport', 'tcp.dstport',
          'tcp.seq_raw', 'tcp.ack_raw', 'tcp.flags', 'tcp.len', 'frame.time_epoch', 'tcp.options.timestamp.tsval']


@functools.cache
def tshark(path, display_filter='tcp'):
    command = ['tshark', '-n', '-r', path, '-Y', display_filter, '-T', 'fields', '-E', 'occurrence=f']
    for field in FIELDS:
        command += ['-e', field]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        problems.append(f'{path}: {result.stderr.strip().splitlines()[-1]}')
        return []
    segments = []
    for line in result.stdout.splitlines():
        values = dict(zip(FIELDS, line.split('\t')))
        bits = int(values['tcp.flags'], 0)
        segments.append({
            'number': int(values['frame.number']),
            'from': endpoint(values['ip.src'] or values['ipv6.src'], values['tcp.srcport']),
            'to': endpoint(values['ip.dst'] or values['ipv6.dst'], values['tcp.dstport']),
            'sequence': int(values['tcp.seq_raw']),
            'acknowledgment': int(values['tcp.ack_raw'] or 0),
            'flags': [flag for i, flag in enumerate(FLAGS) if bits & (1 << i)],
            'length': int(values['tcp.len']),
            'atMs': float(values['frame.time_epoch']) * 1000,
            'timestamp': int(values['tcp.options.timestamp.tsval']) if values['tcp.options.timestamp.tsval'] else None,
        })
    return by_connection(segments)


def by_connection(segments):
    """Says of each segment which connection between its two ends it belongs to, from 0, and which side sent it."""
    last = {}
    for segment in segments:
        pair = ' '.join(sorted(f'{address}:{port}' for (address, port) in (segment['from'], segment['to'])))
        (number, client, opened) = last.get(pair, (-1, None, None))
        opens = 'SYN' in segment['flags'] and 'ACK' not in segment['flags']
        # A SYN with another number begins the next one.
        if client is None or (opens and (segment['from'] != client or segment['sequence'] != opened)):
            (number, client, opened) = (number + 1, segment['from'], segment['sequence'])
        last[pair] = (number, client, opened)
        segment.update({'pair': pair, 'connection': number, 'client': client,
                        'sender': 'client' if segment['from'] == client else 'server'})
    return segments


def connection_of(segments, ends):
    """The last one between these ends, and the end that opened it."""
    between = [segment for segment in segments if {segment['from'], segment['to']} == ends]
    found = [segment for segment in between if segment['connection'] == between[-1]['connection']]
    return (found, found[0]['client'] if found else None)


def figure(segments, client):
    if not segments:
        return []
    (first, texts) = (segments[0], [])
    for segment in segments:
        own = segment['from'] == first['from']
        difference = lambda a, b: (a - b + 2 ** 31) % 2 ** 32 - 2 ** 31
        begins = {True: (first['sequence'], 100), False: (first['acknowledgment'], 300)}
        sequence = difference(segment['sequence'], begins[own][0]) + begins[own][1]
        acknowledged = difference(segment['acknowledgment'], begins[not own][0]) + begins[not own][1]
        ack = f' <ACK={acknowledged}>' if 'ACK' in segment['flags'] else ''
        control = ','.join(flag for flag in IN_FIGURE if flag in segment['flags'])
        sender = 'client' if segment['from'] == client else 'server'
        texts.append(f'{sender} <SEQ={sequence}>{ack} <CTL={control}>')
    return texts


def from_packets(question, path):
    ends = both(question['connection'])
    (segments, client) = connection_of(tshark(path), ends)
    after = question['after']
    if after == 'the first FIN':
        after = next((i for i, one in enumerate(segments) if 'FIN' in one['flags']), len(segments))
    passing = {segment['number'] for segment in tshark(path, question['filter'])}
    counted = [segment for segment in segments[after:question['until']] if segment['number'] in passing]
    if question['shown'] == 'count':
        return len(counted)
    if question['shown'] == 'flags':
        named = [('client ' if one['from'] == client else 'server ') + ' '.join(one['flags']) for one in counted]
        return ', '.join(named)
    if question['shown'] == 'flags of the first':
        return ' '.join(counted[0]['flags']) if counted else 'nothing'
    if question['shown'] == 'endings':
        ended = [f'{"client" if one["from"] == client else "server"} {flag}'
                 for one in counted for flag in ('FIN', 'RST') if flag in one['flags']]
        return ', '.join(distinct(ended)) or 'nothing'
    lines = figure(counted, client)
    if question['line'] is None:
        return '; '.join(lines)
    return lines[question['line']] if question['line'] < len(lines) else 'nothing'
