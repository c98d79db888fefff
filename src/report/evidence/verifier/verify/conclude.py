"""Concludes from the findings of its checks what is found of a claim."""
from raw import distinct


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


def conditions_of(supporting):
    by_scenario = {}
    for one in supporting:
        by_scenario.setdefault(one['scenario'], []).append(one['under'])
    each = [', '.join(distinct(under for under in all if under is not None)) for all in by_scenario.values()]
    return [] if '' in each else distinct(each)


def found(finding, under=None, refuted_under=None):
    return {'finding': finding, 'under': under or None, 'refutedUnder': refuted_under or None}