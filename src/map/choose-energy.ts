import { energyUnitOfValues, headerUnit, isDurationColumn, isNumberColumn, type Evidence } from './evidence.ts';
import type { ColumnFacts } from './facts.ts';
import type { Answers, ProposedField, Question } from './proposal.ts';

/** The part of a mapping that one topic decides. */
export interface Decision {
  fields: ProposedField[];
  questions: Question[];
  warnings: string[];
}

const noDecision = (): Decision => ({ fields: [], questions: [], warnings: [] });

/** Power of a charging session in kW, from a slow charge with a long stay to the fastest charger. */
const plausiblePower = { min: 0.3, max: 450 };
/** Possible power in kW. With another one, the unit in the header is wrong. */
const possiblePower = { min: 0.05, max: 1000 };
/** Energy of a usual session in kWh, if no time shows the power. */
const plausibleEnergy = { min: 1, max: 150 };

const isPlausiblePower = (kilowatts: number): boolean =>
  kilowatts >= plausiblePower.min && kilowatts <= plausiblePower.max;

/** kWh per unit. */
export const unitFactors = { kWh: 1, Wh: 0.001, MWh: 1000 } as const;
type EnergyUnit = keyof typeof unitFactors;
const isEnergyUnit = (unit: string | undefined): unit is EnergyUnit => unit !== undefined && unit in unitFactors;

interface UnitFinding {
  unit?: EnergyUnit;
  reason?: string;
  /** Why the unit is open or may be wrong. */
  doubt?: string;
}

/** The unit of energy: from the values, the header, or the power that each unit would mean. */
export function findEnergyUnit(
  evidence: Evidence,
  column: ColumnFacts,
  span: { from: string; to: string } | undefined,
  given: 'kWh' | 'Wh' | undefined,
): UnitFinding {
  if (given) return { unit: given, reason: `in ${given} as given` };
  const ofValues = energyUnitOfValues(column);
  if (isEnergyUnit(ofValues)) return { unit: ofValues, reason: `values in ${ofValues}` };
  const perHour = span === undefined ? undefined : evidence.overTime(column.name, span.from, span.to)?.perHour;
  const ofHeader = headerUnit(column.name)?.unit;
  if (isEnergyUnit(ofHeader)) {
    const power = perHour === undefined ? undefined : perHour * unitFactors[ofHeader];
    if (power !== undefined && (power > possiblePower.max || power < possiblePower.min))
      return { doubt: `the header says ${ofHeader}, but the values would mean ${Number(power.toPrecision(2))} kW` };
    return { unit: ofHeader, reason: `header in ${ofHeader}` };
  }
  const units = (['kWh', 'Wh'] as const).filter((unit) =>
    perHour === undefined
      ? isPlausibleEnergy(column.median, unitFactors[unit])
      : isPlausiblePower(perHour * unitFactors[unit]),
  );
  const [unit] = units;
  if (unit === undefined || units.length > 1) return { doubt: 'neither its name nor its values show the unit' };
  return {
    unit,
    reason:
      perHour === undefined
        ? `${unit} by a plausible amount`
        : `${unit} by plausible power (${formatPower(perHour * unitFactors[unit])} kW)`,
  };
}

const isPlausibleEnergy = (median: number | undefined, factor: number): boolean =>
  median !== undefined && median * factor >= plausibleEnergy.min && median * factor <= plausibleEnergy.max;

const formatPower = (kilowatts: number): string => (kilowatts < 10 ? kilowatts.toFixed(1) : kilowatts.toFixed(0));

/** SQL of a quantity of energy, with its unit if neither its values nor the column of the table have it. */
const withUnit = (column: ColumnFacts, unit: EnergyUnit, tableUnit: EnergyUnit): string =>
  energyUnitOfValues(column) !== undefined || unit === tableUnit ? column.sql : `${column.sql} || ' ${unit}'`;

const unitQuestion = (name: string, doubt: string): Question => ({
  option: '--energy-unit',
  text: `In which unit is ${name}? (${doubt})`,
  choices: [
    { value: 'kWh', label: 'kWh' },
    { value: 'Wh', label: 'Wh' },
  ],
});

/** Energy of sessions: from a column, or from meter readings. */
export function chooseEnergy(
  evidence: Evidence,
  span: { from: string; to: string } | undefined,
  answers: Answers,
): Decision {
  const decision = noDecision();
  const meters = chooseMeters(evidence, answers);
  const isNone = answers.fields['energy_kwh'] === '';
  const column = isNone ? undefined : energyColumn(evidence, span, answers, decision);
  if (column) {
    const finding = findEnergyUnit(evidence, column.facts, span, answers.energyUnit);
    if (finding.unit === undefined) decision.questions.push(unitQuestion(column.facts.name, finding.doubt!));
    decision.fields.push({
      column: 'energy_kwh',
      sql: withUnit(column.facts, finding.unit ?? 'kWh', 'kWh'),
      from: [column.facts.name],
      reasons: [column.reason, ...(finding.reason ? [finding.reason] : [])],
    });
    if ((column.facts.min ?? 0) < 0)
      decision.warnings.push(`${column.facts.name} has negative values; those rows will be rejected`);
  }
  if (meters) addMeters(evidence, meters, column?.facts, span, answers, decision);
  if (!column && !meters && !isNone)
    decision.warnings.push('no column has the energy; name it with --field energy_kwh=COLUMN if there is one');
  return decision;
}

/** The column of energy: by its name, or as the only number that means a plausible power. */
function energyColumn(
  evidence: Evidence,
  span: { from: string; to: string } | undefined,
  answers: Answers,
  decision: Decision,
): { facts: ColumnFacts; reason: string } | undefined {
  const given = answers.fields['energy_kwh'];
  if (given !== undefined) return { facts: evidence.column(given), reason: 'as given' };
  const numbers = evidence.facts.columns.filter((each) => each.filled > 0 && isNumberColumn(each));
  const matching = numbers.filter(({ name }) => evidence.isBestMeaning(name, 'energy'));
  const named = evidence.rank(matching, { energy: 1 }, 0.25).filter(({ score }, _, all) => score > all[0]!.score - 0.3);
  const isUnit = ({ name }: ColumnFacts): boolean => isEnergyUnit(headerUnit(name)?.unit);
  const withUnit = numbers.filter(
    (each) => (isUnit(each) || energyUnitOfValues(each) !== undefined) && isFreeOfOtherMeanings(evidence, each.name),
  );
  const isPlausible = (each: ColumnFacts): boolean => {
    const perHour = span && evidence.overTime(each.name, span.from, span.to)?.perHour;
    return perHour === undefined ? (each.max ?? 0) > 0 : isPlausiblePower(perHour) || isPlausiblePower(perHour / 1000);
  };
  const all = named.length > 0 ? named.map(({ column }) => column) : withUnit;
  const candidates = all.some(isPlausible) ? all.filter(isPlausible) : all;
  if (candidates.length > 0) {
    const best = preciseOf(candidates, named[0]?.column ?? candidates[0]!);
    const rivals = candidates.filter((each) => each !== best && !isSameQuantity(each, best));
    const isClear =
      named.length > 0 &&
      named[0]!.column === best &&
      named.filter(({ score }) => score >= named[0]!.score - 0.05).length === 1;
    if (rivals.length > 0 && !isClear)
      decision.questions.push({
        option: '--field',
        column: 'energy_kwh',
        text: 'Which column is the energy of a session?',
        choices: [best, ...rivals].map(({ name }) => ({ value: name, label: name })),
      });
    return { facts: best, reason: 'name' };
  }
  if (!span) return undefined;
  const plausible = numbers.filter((each) => {
    const over = evidence.overTime(each.name, span.from, span.to);
    const isTime = over !== undefined && Math.max(over.seconds, over.minutes, over.hours) > 0.8;
    const isId = each.distinct > 0.95 * each.filled && each.integers > 0.99;
    return (
      isFreeOfOtherMeanings(evidence, each.name) &&
      !isTime &&
      !isId &&
      over?.perHour !== undefined &&
      (isPlausiblePower(over.perHour) || isPlausiblePower(over.perHour / 1000)) &&
      each.distinct > Math.min(10, each.filled / 4)
    );
  });
  const [only] = plausible;
  if (!only) return undefined;
  if (plausible.length > 1) {
    decision.questions.push({
      option: '--field',
      column: 'energy_kwh',
      text: 'Which column is the energy of a session?',
      choices: plausible.map(({ name }) => ({ value: name, label: name })),
      fallback: 'the energy stays empty',
    });
    return undefined;
  }
  decision.warnings.push(`${only.name} is read as energy because of its values only; check it`);
  return { facts: only, reason: 'values' };
}

const isFreeOfOtherMeanings = (evidence: Evidence, name: string): boolean => {
  const [best] = evidence.matches(name);
  return best === undefined || best.score < 0.5 || ['energy', 'value', 'total', 'count'].includes(best.meaning);
};

/** Of columns with the same quantity, the one with the most digits: others are rounded. */
function preciseOf(candidates: readonly ColumnFacts[], top: ColumnFacts): ColumnFacts {
  return candidates
    .filter((each) => each === top || isSameQuantity(each, top))
    .toSorted((a, b) => b.distinct - a.distinct || candidates.indexOf(a) - candidates.indexOf(b))[0]!;
}

/** Whether two columns have the same amounts, in the same unit or in Wh and kWh. */
function isSameQuantity(a: ColumnFacts, b: ColumnFacts): boolean {
  if (a.median === undefined || b.median === undefined || a.median === 0 || b.median === 0) return false;
  const ratio = a.median / b.median;
  return [1, 1000, 0.001].some((factor) => Math.abs(ratio / factor - 1) < 0.06);
}

interface Meters {
  start?: ColumnFacts;
  stop?: ColumnFacts;
}

function chooseMeters(evidence: Evidence, answers: Answers): Meters | undefined {
  const columns = evidence.facts.columns.filter((each) => each.filled > 0 && isNumberColumn(each));
  const best = (column: 'meter_start' | 'meter_stop'): ColumnFacts | undefined => {
    const given = answers.fields[column];
    if (given !== undefined) return given === '' ? undefined : evidence.column(given);
    const matching = columns.filter(({ name }) => evidence.isBestMeaning(name, column));
    return evidence.rank(matching, { [column]: 1 }, 0.4)[0]?.column;
  };
  const start = best('meter_start');
  const stop = best('meter_stop');
  return start || stop ? { ...(start ? { start } : {}), ...(stop ? { stop } : {}) } : undefined;
}

/** Meter readings in Wh; without a column of energy, their difference is the energy. */
function addMeters(
  evidence: Evidence,
  meters: Meters,
  energy: ColumnFacts | undefined,
  span: { from: string; to: string } | undefined,
  answers: Answers,
  decision: Decision,
): void {
  const { start, stop } = meters;
  const unit = meterUnit(evidence, meters, energy, span, answers);
  if (unit.unit === undefined) decision.questions.push(unitQuestion((stop ?? start!).name, unit.doubt!));
  const add = (column: string, facts: ColumnFacts, reasons: string[]): void => {
    decision.fields.push({ column, sql: withUnit(facts, unit.unit ?? 'Wh', 'Wh'), from: [facts.name], reasons });
  };
  const reasons = ['name', ...(unit.reason ? [unit.reason] : [])];
  if (start) add('meter_start', start, reasons);
  if (stop) add('meter_stop', stop, reasons);
  if (energy || !start || !stop) return;
  add('metered_from', start, [`energy is the difference of ${start.name} and ${stop.name}`]);
  add('metered_to', stop, [`energy is the difference of ${start.name} and ${stop.name}`]);
}

function meterUnit(
  evidence: Evidence,
  { start, stop }: Meters,
  energy: ColumnFacts | undefined,
  span: { from: string; to: string } | undefined,
  answers: Answers,
): UnitFinding {
  const column = stop ?? start!;
  const ofValues = energyUnitOfValues(column) ?? headerUnit(column.name)?.unit;
  if (isEnergyUnit(ofValues)) return { unit: ofValues, reason: `in ${ofValues}` };
  const pair =
    start && stop && evidence.facts.numberPairs.find((each) => each.from === start.name && each.to === stop.name);
  const difference = pair?.medianDifference;
  if (difference === undefined || difference <= 0)
    return energy ? { unit: 'Wh' } : { doubt: 'neither its name nor its values show the unit' };
  const energyUnit = energy && findEnergyUnit(evidence, energy, span, answers.energyUnit).unit;
  if (energy?.median !== undefined && energyUnit !== undefined) {
    const kilowattHours = energy.median * unitFactors[energyUnit];
    const unit = (['Wh', 'kWh'] as const).find(
      (each) => Math.abs((difference * unitFactors[each]) / kilowattHours - 1) < 0.2,
    );
    if (unit) return { unit, reason: `${unit} because the difference is the energy` };
  }
  if (answers.energyUnit && !energy) return { unit: answers.energyUnit, reason: `in ${answers.energyUnit} as given` };
  const hours =
    span && evidence.facts.timePairs.find((each) => each.from === span.from && each.to === span.to)?.medianHours;
  const units = (['kWh', 'Wh'] as const).filter((each) => {
    const amount = difference * unitFactors[each];
    return hours ? isPlausiblePower(amount / hours) : isPlausibleEnergy(difference, unitFactors[each]);
  });
  return units.length === 1
    ? { unit: units[0]!, reason: `${units[0]} by ${hours ? 'plausible power' : 'a plausible amount'}` }
    : { doubt: 'neither its name nor its values show the unit' };
}

/** The end of sessions from their duration. */
export function chooseDuration(
  evidence: Evidence,
  energy: { median?: number | undefined; factor: number } | undefined,
  answers: Answers,
): Decision {
  const decision = noDecision();
  const given = answers.fields['duration'];
  if (given === '') return decision;
  const columns = evidence.facts.columns.filter(
    (each) => each.filled > 0 && (isDurationColumn(each) || isNumberColumn(each)),
  );
  const [named] = evidence.rank(columns, { duration: 1, charging_duration: 0.8 }, 0.3);
  const facts = given === undefined ? named?.column : evidence.column(given);
  if (!facts) return decision;
  const reasons = [given === undefined ? 'name' : 'as given', 'the file has no end, so it is start plus duration'];
  if (isDurationColumn(facts)) {
    if (facts.samples.every((each) => /^\d+:\d\d$/.test(each)) && !/h+:?m+/i.test(facts.name))
      decision.warnings.push(`${facts.name} is read as hours and minutes`);
    decision.fields.push({ column: 'duration', sql: facts.sql, from: [facts.name], reasons });
    return decision;
  }
  const unit = answers.durationUnit ?? durationUnit(facts, energy);
  if (unit === undefined)
    decision.questions.push({
      option: '--duration-unit',
      text: `In which unit is ${facts.name}?`,
      choices: ['minutes', 'seconds', 'hours'].map((value) => ({ value, label: value })),
    });
  decision.fields.push({
    column: `duration_${unit ?? 'minutes'}`,
    sql: facts.sql,
    from: [facts.name],
    reasons: [...reasons, ...(unit ? [`in ${unit}`] : [])],
  });
  return decision;
}

const hoursOf = { seconds: 1 / 3600, minutes: 1 / 60, hours: 1 } as const;

function durationUnit(
  facts: ColumnFacts,
  energy: { median?: number | undefined; factor: number } | undefined,
): keyof typeof hoursOf | undefined {
  const unit = headerUnit(facts.name);
  if (unit?.kind === 'time') return unit.unit as keyof typeof hoursOf;
  const { median } = facts;
  if (median === undefined || median <= 0) return undefined;
  const units = (['seconds', 'minutes', 'hours'] as const).filter((each) => {
    const hours = median * hoursOf[each];
    const power = energy?.median === undefined ? undefined : (energy.median * energy.factor) / hours;
    return hours >= 1 / 12 && hours <= 48 && (power === undefined || isPlausiblePower(power));
  });
  return units.length === 1 ? units[0] : undefined;
}
