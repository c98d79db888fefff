"""Judges the checks of evidence.json again, concludes from them, and says what differs."""
import json
import sys

from checks import check_packets, judge, source_of
from conclude import conclude, together
from raw import problems, text_of

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
