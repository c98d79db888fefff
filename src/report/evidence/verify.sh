#!/usr/bin/env bash
# Comes to the finding of this claim again, from the raw files beside it: what ss printed, the captured packets, the counters.
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
          'tcp.seq_raw', 'tcp.ack_raw', 'tcp.flags', 'tcp.len']
problems = []


def text_of(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


def endpoint(address, port):
    address = address.strip('[]').split('%')[0].split(']')[0]
    parsed = ipaddress.ip_address('::' if address == '*' else address)
    return (str(getattr(parsed, 'ipv4_mapped', None) or parsed), 0 if port == '*' else int(port))


def rows_of(text):
    rows = []
    for line in text.splitlines():
        words = line.split()
        if not words or words[0] == 'State':
            continue
        (local, peer) = (words[3].rsplit(':', 1), words[4].rsplit(':', 1))
        rest = ' '.join(words[5:])
        timer = re.search(r'timer:\((\w+),[^,]*,(\d+)\)', rest)
        inode = re.search(r'ino:(\d+)', rest)
        rows.append({
            'state': STATES.get(words[0], words[0].replace('-', '_')),
            'ends': (endpoint(*local), endpoint(*peer)),
            'receiveQueue': int(words[1]),
            'sendQueue': int(words[2]),
            'pids': [int(pid) for pid in re.findall(r'",pid=(\d+),fd=', rest)],
            'timer': timer.group(1) if timer else 'none',
            'retransmits': int(timer.group(2)) if timer else 0,
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
        })
    return segments


def connection_of(segments, ends):
    """The last one between these ends: a SYN with another number begins it. Gives it, and the end that opened it."""
    (found, client, opened) = ([], None, None)
    for segment in segments:
        if {segment['from'], segment['to']} != ends:
            continue
        opens = 'SYN' in segment['flags'] and 'ACK' not in segment['flags']
        if client is None or (opens and (segment['from'] != client or segment['sequence'] != opened)):
            (found, client, opened) = ([], segment['from'], segment['sequence'])
        found.append(segment)
    return (found, client)


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
    ends = {endpoint(end['address'], end['port']) for end in question['connection'].values()}
    (segments, client) = connection_of(tshark(path), ends)
    after = question['after']
    if after == 'the first FIN':
        after = next((i for i, one in enumerate(segments) if 'FIN' in one['flags']), len(segments))
    passing = {segment['number'] for segment in tshark(path, question['filter'])}
    counted = [segment for segment in segments[after:] if segment['number'] in passing]
    if question['shown'] == 'count':
        return len(counted)
    if question['shown'] == 'flags':
        named = [('client ' if one['from'] == client else 'server ') + ' '.join(one['flags']) for one in counted]
        return ', '.join(named)
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


def judge_value(question, scenario):
    value = question['observed']
    if question['segments'] is not None and scenario['packets'] is not None:
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


def check_counters(check):
    for one in check['counted']:
        by = sum(counters_in(host['after']).get(one['counter'], 0) - counters_in(host['before']).get(one['counter'], 0)
                 for host in one['hosts'])
        if by != one['by']:
            problems.append(f'{one["counter"]} moved by {by}, not by {one["by"]}')


def check_packets(scenario):
    if scenario['packets'] is None:
        return
    segments = tshark(scenario['packets']['file'])
    flags = {flag: sum(flag in one['flags'] for one in segments) for flag in FLAGS}
    seen = {flag: count for flag, count in flags.items() if count > 0}
    if len(segments) != scenario['packets']['segments'] or seen != scenario['packets']['flags']:
        problems.append(f'{scenario["packets"]["file"]} holds other segments than were captured')


def source_of(check):
    question = check['question']
    if question is None:
        return 'the result of a call, as recorded'
    if question['about'] == 'table':
        return f'{len(question["readings"])} readings of ss' if len(question['readings']) != 1 else 'ss'
    if question['about'] == 'value' and question['segments'] is not None:
        return 'packets'
    return 'counters' if check['counted'] else 'compared again, as recorded'


def judge(check, scenario):
    check_counters(check)
    question = check['question']
    if question is None:
        return check['verdict']
    if question['about'] == 'table':
        agrees = judge_table(question)
    elif question['about'] == 'value':
        agrees = judge_value(question, scenario)
    else:
        agrees = question['leastMs'] >= question['low'] and question['mostMs'] <= question['high']
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
    verdict = judge(check, scenario)
    if verdict != check['verdict']:
        problems.append(f'by the raw files it is {verdict}, not {check["verdict"]}')
    mark = 'same' if len(problems) == known else 'DIFFERS'
    print(f'  {mark}: {check["scenario"]}: {check["title"]}: {check["observed"]} ({source_of(check)})')
    for problem in problems[known:]:
        print(f'    {problem}')
    for bearing in check['claims']:
        said.setdefault(bearing['claim'], []).append({**bearing, 'scenario': check['scenario']})
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
