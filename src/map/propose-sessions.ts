import { assignColumns } from './assign.ts';
import { chooseDuration, chooseEnergy, findEnergyUnit, unitFactors } from './choose-energy.ts';
import { chooseKey, sessionIdMeanings } from './choose-key.ts';
import { chooseTimes } from './choose-times.ts';
import type { Evidence } from './evidence.ts';
import type { TimeColumn } from './facts.ts';
import { constantFields, hasField, takenColumns, type Answers, type Proposal, type ProposedField } from './proposal.ts';
import { isClockColumn } from './read-facts.ts';
import { sourceTargets } from './targets.ts';

/** Proposes the columns of charging sessions: times first, because they show what the other columns are. */
export function proposeSessions(evidence: Evidence, answers: Answers, proposal: Proposal): void {
  const times = chooseTimes(evidence, answers.fields);
  proposal.questions.push(...times.questions);
  proposal.warnings.push(...times.warnings);
  const { start, end } = times;
  if (start) proposal.fields.push(timeField(evidence, 'start_time', start, times.reasons.start));
  if (end) proposal.fields.push(timeField(evidence, 'end_time', end, times.reasons.end));
  const span = start && end ? { from: start.name, to: end.name } : undefined;
  const energy = chooseEnergy(evidence, span, answers);
  add(proposal, energy);
  if (!end) {
    const clockEnd = start ? endClock(evidence, start) : undefined;
    if (clockEnd) {
      proposal.fields.push(clockEnd);
      proposal.warnings.push(`${clockEnd.from[1]} has no date: sessions are read as shorter than a day`);
    } else add(proposal, chooseDuration(evidence, energyOf(evidence, energy.fields, answers), answers));
  }
  const { targets } = sourceTargets['charging_sessions']!;
  const assigned = assignColumns(evidence, targets, takenColumns(proposal), answers);
  proposal.fields.push(...assigned.fields);
  proposal.questions.push(...assigned.questions);
  addStationFallback(evidence, proposal, answers);
  const key = chooseKey(
    evidence,
    'session_id',
    sessionIdMeanings,
    [...proposal.fields, ...constantFields(answers)],
    ['station_id', 'connector_id', 'start_time', 'user_id', 'rfid'],
    answers.fields['session_id'],
  );
  proposal.fields.unshift(...key.fields);
  proposal.keyFrom = key.keyFrom;
  proposal.separateBy =
    key.keyFrom.length === 0 ? [] : ['end_time', 'energy_kwh'].filter((name) => hasField(proposal, name));
  // Equal rows that differ elsewhere are different sessions; rows equal in every column are the same one twice.
  proposal.keepsDuplicates = key.keyFrom.length > 0 && evidence.facts.duplicateRows === 0;
  proposal.warnings.push(...key.warnings);
  const counter = evidence.facts.columns.find(({ name }) => evidence.score(name, 'count') > 0.6);
  if (counter) proposal.warnings.push(`${counter.name} looks like a number of sessions: is each row one session?`);
}

/** The location of a file without charge points is better than none: the name of the site stands for it. */
function addStationFallback(evidence: Evidence, proposal: Proposal, answers: Answers): void {
  if (
    hasField(proposal, 'station_id') ||
    answers.values['station_id'] !== undefined ||
    answers.fields['station_id'] !== undefined
  )
    return;
  const other = ['connector_id', 'location', 'site_id']
    .map((name) => proposal.fields.find(({ column }) => column === name))
    .find(Boolean);
  if (!other) return;
  const [name] = other.from;
  proposal.questions.push({
    option: '--field',
    column: 'station_id',
    text: 'Which column is the charge point?',
    choices: [{ value: name!, label: `${name} (${evidence.column(name!).distinct} different values)` }],
    fallback: `${name} stands for the charge point`,
  });
  proposal.fields.push({
    column: 'station_id',
    sql: other.sql,
    from: other.from,
    reasons: ['no column names the charge point'],
  });
}

/** The end of a session that has only a time of day, on the date of its start or the day after. */
function endClock(evidence: Evidence, start: TimeColumn): ProposedField | undefined {
  const [, startClock] = start.columns;
  if (startClock === undefined) return undefined;
  const clocks = evidence.facts.columns.filter((column) => column.name !== startClock && isClockColumn(column));
  const [best] = evidence.rank(clocks, { end_clock: 1, end_time: 1, charging_end_time: 0.7 }, 0.3);
  if (!best) return undefined;
  const [from, to] = [evidence.column(startClock), best.column];
  return {
    column: 'duration_seconds',
    sql: `((clock_seconds(${to.sql}) - clock_seconds(${from.sql}) + 86400) % 86400)::integer`,
    from: [from.name, to.name],
    reasons: ['time between the two'],
  };
}

/** Median energy and its factor to kWh, to judge durations by. */
function energyOf(
  evidence: Evidence,
  fields: readonly ProposedField[],
  answers: Answers,
): { median?: number | undefined; factor: number } | undefined {
  const name = fields.find(({ column }) => column === 'energy_kwh')?.from[0];
  if (name === undefined) return undefined;
  const column = evidence.column(name);
  const { unit } = findEnergyUnit(evidence, column, undefined, answers.energyUnit);
  return unit === undefined ? undefined : { median: column.median, factor: unitFactors[unit] };
}

function add(
  proposal: Proposal,
  { fields, questions, warnings }: Pick<Proposal, 'fields' | 'questions' | 'warnings'>,
): void {
  proposal.fields.push(...fields);
  proposal.questions.push(...questions);
  proposal.warnings.push(...warnings);
}

function timeField(evidence: Evidence, column: string, time: TimeColumn, reasons: string[]): ProposedField {
  const zone = zoneColumn(evidence, column, time);
  return {
    column,
    sql: zone === undefined ? time.sql : `${time.sql} || zone_offset(${evidence.column(zone).sql})`,
    from: [...time.columns, ...(zone === undefined ? [] : [zone])],
    reasons: [
      ...reasons,
      ...(time.columns.length > 1 ? ['date and time joined'] : []),
      ...(zone === undefined ? [] : [`zone from ${zone}`]),
    ],
  };
}

/** The column of zone letters such as CET for a time without an offset. */
function zoneColumn(evidence: Evidence, column: string, time: TimeColumn): string | undefined {
  if (time.columns.some((name) => evidence.column(name).offsets > 0)) return undefined;
  const meanings =
    column === 'start_time' ? { start_time_zone: 1, time_zone: 0.7 } : { end_time_zone: 1, time_zone: 0.7 };
  const zones = evidence.facts.columns.filter((each) => each.zoneLetters >= 0.99);
  return evidence.rank(zones, meanings, 0.3)[0]?.column.name;
}
