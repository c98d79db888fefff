"""Judges each check again, from the raw files that decide it."""
import json
import subprocess

from packets import FLAGS, from_packets, tshark
from raw import both, endpoint, moved, problems, rows_of, text_of, traced


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


def compares(value, relation, limits):
    if relation == 'equals':
        return value == limits[0]
    if relation == 'is not':
        return value != limits[0]
    if relation == 'at most':
        return value <= limits[0]
    return value >= limits[0] and (relation == 'at least' or value <= limits[1])


def is_same(value, observed):
    """The time of a packet in a file is rounded to a microsecond."""
    if isinstance(value, float) or isinstance(observed, float):
        return value is not None and abs(value - observed) <= abs(observed) * 0.02
    return value == observed


def is_there(derived, check, scenario):
    return derived is not None and file_of(derived, check, scenario) is not None


def derive(derived, check, scenario):
    rows = raw_rows(derived, check, scenario)
    result = subprocess.run(['jq', derived['jq']], input=json.dumps(rows), capture_output=True, text=True)
    if result.returncode != 0:
        problems.append(f'{file_of(derived, check, scenario)}: jq: {result.stderr.strip()}')
        return None
    return json.loads(result.stdout)


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


def file_of(derived, check, scenario):
    if derived['from'] == 'counters':
        return 'counters/'
    if derived['from'] == 'table':
        return derived['reading']
    file = scenario[derived['from']]
    return file['file'] if derived['from'] == 'packets' and file is not None else file


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
