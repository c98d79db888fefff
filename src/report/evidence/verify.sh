#!/usr/bin/env bash
# Comes to the finding of this claim again, from the raw files beside it: what ss printed (ss/), the captured packets (packets/), the
# counters (counters/), what the processes of the run answered to each call (answers/), and what the kernel's tracepoint wrote (trace/).
# It needs bash, tshark, jq and Python 3, and nothing of tcpclose. Exit status: 0 the same finding, 1 another one, 2 it cannot run.
cd "$(dirname "$0")" || exit 2
for tool in tshark jq python3; do
  command -v "$tool" >/dev/null || { echo "verify.sh: $tool is missing: install it" >&2; exit 2; }
done
jq -r '"\(.claim.id)  \(.claim.claim)\nsaid: \(.claim.finding)"' evidence.json || exit 2
exec python3 - <<'PYTHON'
import functools
import ipaddress
import json
import re
import subprocess
import sys

STATES = {'ESTAB': 'ESTABLISHED', 'UNCONN': 'CLOSED', 'FIN-WAIT-1': 'FIN_WAIT1', 'FIN-WAIT-2': 'FIN_WAIT2'}
FLAGS = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR']
IN_FIGURE = ['SYN', 'FIN', 'RST', 'PSH', 'URG', 'ACK']
FIELDS = ['frame.number', 'ip.src', 'ipv6.src', 'ip.dst', 'ipv6.dst', 'tcp.srcport', 'tcp.dstport',
          'tcp.seq_raw', 'tcp.ack_raw', 'tcp.flags', 'tcp.len', 'frame.time_epoch', 'tcp.options.timestamp.tsval']
problems = []


def text_of(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


def endpoint(address, port):
    address = address.strip('[]').split('%')[0].split(']')[0]
    parsed = ipaddress.ip_address('::' if address == '*' else address)
    return (str(getattr(parsed, 'ipv4_mapped', None) or parsed), 0 if port == '*' else int(port))


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


def fits(row, question):
    process = question['process']
    if question['states'] and row['state'] not in question['states']:
        return False
    if process == 'none' and (row['pids'] or row['inode'] != 0):
        return False
    if isinstance(process, int) and process not in row['pids']:
        return False
    if question['timer'] not in (None, row['timer']):
        return False
    if question['sendQueue'] not in (None, row['sendQueue']):
        return False
    return (row['retransmits'] >= (question['retransmits'] or 0)
            and row['receiveQueue'] >= (question['receiveQueue'] or 0))


def judge_table(question):
    ends = {tuple(endpoint(end[side]['address'], end[side]['port']) for side in ('local', 'remote'))
            for end in question['ends']}
    for path in question['readings']:
        rows = [row for row in rows_of(text_of(path)) if row['ends'] in ends]
        if not question['states'] and question['receiveQueue'] is None:
            agrees = not rows
        else:
            agrees = len(rows) == len(ends) and all(fits(row, question) for row in rows)
        if not agrees:
            return False
    return True


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


def compares(value, relation, limits):
    if relation == 'equals':
        return value == limits[0]
    if relation == 'is not':
        return value != limits[0]
    if relation == 'at most':
        return value <= limits[0]
    return value >= limits[0] and (relation == 'at least' or value <= limits[1])


def both(ends):
    return {endpoint(end['address'], end['port']) for end in ends.values()}


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


def raw_rows(derived, check, scenario):
    """What the raw file contains, oldest first, and the name of the file; no rows if it is missing."""
    kind = derived['from']
    ends = derived['ends']
    if kind == 'counters':
        return [{'counter': one['counter'], 'by': moved(one)} for one in check['counted']]
    if kind == 'answers':
        lines = text_of(scenario['answers']).splitlines()[:derived['answers']]
        return [json.loads(line) for line in lines]
    if kind == 'packets':
        rows = tshark(scenario['packets']['file'])
        return [row for row in rows if ends is None or {row['from'], row['to']} == both(ends)]
    rows = rows_of(text_of(derived['reading'])) if kind == 'table' else traced(scenario['trace'])
    own = ends and tuple(endpoint(end['address'], end['port']) for end in (ends['local'], ends['remote']))
    return [row for row in rows if own in (None, row['ends'])]


def derive(derived, check, scenario):
    rows = raw_rows(derived, check, scenario)
    result = subprocess.run(['jq', derived['jq']], input=json.dumps(rows), capture_output=True, text=True)
    if result.returncode != 0:
        problems.append(f'{file_of(derived, check, scenario)}: jq: {result.stderr.strip()}')
        return None
    return json.loads(result.stdout)


def file_of(derived, check, scenario):
    if derived['from'] == 'counters':
        return 'counters/'
    if derived['from'] == 'table':
        return derived['reading']
    file = scenario[derived['from']]
    return file['file'] if derived['from'] == 'packets' and file is not None else file


def is_there(derived, check, scenario):
    return derived is not None and file_of(derived, check, scenario) is not None


def is_same(value, observed):
    """The time of a packet in a file is rounded to a microsecond."""
    if isinstance(value, float) or isinstance(observed, float):
        return value is not None and abs(value - observed) <= abs(observed) * 0.02
    return value == observed


def judge_span(question, check, scenario):
    (least, most) = (question['leastMs'], question['mostMs'])
    if is_there(question['derived'], check, scenario):
        derived = derive(question['derived'], check, scenario)
        if derived is None:
            return False
        # A process may be interrupted between an answer and the look at its clock.
        if abs(derived[0] - least) > 1000 or abs(derived[1] - most) > 1000:
            problems.append(f'it was {derived[0]:.0f} to {derived[1]:.0f} ms, not {least:.0f} to {most:.0f} ms')
        (least, most) = derived
    return least >= question['low'] and most <= question['high']


def judge_value(question, check, scenario):
    value = question['observed']
    if is_there(question['derived'], check, scenario):
        value = derive(question['derived'], check, scenario)
        if not is_same(value, question['observed']):
            problems.append(f'{file_of(question["derived"], check, scenario)} says {value!r}, not {question["observed"]!r}')
        if value is None:
            return False
    elif question['segments'] is not None and scenario['packets'] is not None:
        value = from_packets(question['segments'], scenario['packets']['file'])
        if value != question['observed']:
            problems.append(f'the packets show {value!r}, not {question["observed"]!r}')
    return compares(value, question['relation'], question['limits'])


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


def check_counters(check):
    for one in check['counted']:
        if moved(one) != one['by']:
            problems.append(f'{one["counter"]} moved by {moved(one)}, not by {one["by"]}')


def check_packets(scenario):
    if scenario['packets'] is None:
        return
    segments = tshark(scenario['packets']['file'])
    flags = {flag: sum(flag in one['flags'] for one in segments) for flag in FLAGS}
    seen = {flag: count for flag, count in flags.items() if count > 0}
    if len(segments) != scenario['packets']['segments'] or seen != scenario['packets']['flags']:
        problems.append(f'{scenario["packets"]["file"]} holds other segments than were captured')


def source_of(check, scenario):
    """The files that decide, or that nothing but tcpclose's own number does."""
    question = check['question']
    if question is None:
        return 'as recorded: no raw file shows it'
    if question['about'] == 'table':
        return f'{question["readings"][0]} and {len(question["readings"]) - 1} more'.removesuffix(' and 0 more')
    if is_there(question['derived'], check, scenario):
        return file_of(question['derived'], check, scenario)
    if question['about'] == 'value' and question['segments'] is not None and scenario['packets'] is not None:
        return scenario['packets']['file']
    return 'as recorded: compared again, but no raw file shows it'


def judge(check, scenario):
    check_counters(check)
    question = check['question']
    if question is None:
        return check['verdict']
    if question['about'] == 'table':
        agrees = judge_table(question)
    elif question['about'] == 'value':
        agrees = judge_value(question, check, scenario)
    else:
        agrees = judge_span(question, check, scenario)
    return 'as expected' if agrees else 'contradicted'


def distinct(values):
    return list(dict.fromkeys(values))


def conditions_of(supporting):
    by_scenario = {}
    for one in supporting:
        by_scenario.setdefault(one['scenario'], []).append(one['under'])
    each = [', '.join(distinct(under for under in all if under is not None)) for all in by_scenario.values()]
    return [] if '' in each else distinct(each)


def found(finding, under=None, refuted_under=None):
    return {'finding': finding, 'under': under or None, 'refutedUnder': refuted_under or None}


def conclude(said):
    refuting = [one for one in said if one['finding'] == 'refuted']
    supporting = [one for one in said if one['finding'] == 'holds']
    conditions = conditions_of(supporting)
    refuted_under = distinct(one['under'] for one in refuting) if conditions else []
    if refuting and (not refuted_under or None in refuted_under):
        return found('refuted')
    if any(one['finding'] == 'not decided' for one in said):
        return found('not decided')
    if supporting and conditions:
        return found('holds under', ' or '.join(conditions), ' or '.join(refuted_under))
    if supporting:
        return found('holds')
    return found('does not apply' if said else 'not decided')


def together(parts):
    findings = [part['finding'] for part in parts]
    for finding in ('refuted', 'not decided'):
        if finding in findings:
            return found(finding)
    applying = [part for part in parts if part['finding'] != 'does not apply']
    if not applying:
        return found('does not apply')
    under, refuted_under = (
        ', '.join(distinct(part[field] for part in applying if part[field] is not None))
        for field in ('under', 'refutedUnder'))
    return found('holds under' if under else 'holds', under, refuted_under)


evidence = json.loads(text_of('evidence.json'))
scenarios = {scenario['name']: scenario for scenario in evidence['scenarios']}
for scenario in scenarios.values():
    check_packets(scenario)
said = {}
for check in evidence['checks']:
    known = len(problems)
    scenario = scenarios[check['scenario']]
    try:
        verdict = judge(check, scenario)
    except (OSError, ValueError, KeyError, IndexError, AttributeError, TypeError) as error:
        verdict = f'not readable ({type(error).__name__}: {error})'
    if verdict != check['verdict']:
        problems.append(f'by the raw files it is {verdict}, not {check["verdict"]}')
    mark = 'same' if len(problems) == known else 'DIFFERS'
    print(f'  {mark}: {check["scenario"]}: {check["title"]}: {check["observed"]} ({source_of(check, scenario)})')
    for problem in problems[known:]:
        print(f'    {problem}')
    for bearing in check['claims']:
        # What the raw files do not show decides nothing.
        finding = bearing['finding'] if verdict == check['verdict'] else 'not decided'
        said.setdefault(bearing['claim'], []).append({**bearing, 'finding': finding, 'scenario': check['scenario']})
claim = evidence['claim']
statements = [(f'{claim["id"]}/{one["part"]}', one) for one in claim['parts'] + claim['cases']]
concluded = {name: conclude(said.get(name, [])) for (name, _) in statements}
parts = [concluded[name] for (name, _) in statements[:len(claim['parts'])]]
concluded[claim['id']] = together(parts) if parts else conclude(said.get(claim['id'], []))
for (name, recorded) in [(claim['id'], claim)] + statements:
    now = concluded[name]
    print(f'found: {name} {now["finding"]}')
    if now['under'] is not None:
        print(f'  under {now["under"]}')
    if now != {field: recorded[field] for field in now}:
        problems.append(f'{name} was said to be: {recorded["finding"]}')
for problem in problems:
    print(f'verify.sh: {problem}', file=sys.stderr)
sys.exit(1 if problems else 0)
PYTHON
