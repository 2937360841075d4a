import type { Source } from '../catalog/definitions.ts';
import { literal } from '../warehouse/duckdb.ts';
import { assignColumns, constantCurrency } from './assign.ts';
import { chooseDuration, chooseEnergy, findEnergyUnit } from './choose-energy.ts';
import { chooseKey, eventIdMeanings, sessionIdMeanings } from './choose-key.ts';
import { chooseTimes } from './choose-times.ts';
import { detectSource } from './detect-source.ts';
import { Evidence } from './evidence.ts';
import { mostValues, type TableFacts, type TimeColumn } from './facts.ts';
import type { FieldNameIndex } from './field-names.ts';
import type { Answers, Proposal, ProposedField, Question } from './proposal.ts';
import { sourceTargets } from './targets.ts';

/** Kinds of meanings that never matter to a report. */
const noise: Readonly<Record<string, string>> = {
  weekday: 'follows from the time',
  month: 'follows from the time',
  year: 'follows from the time',
  hour: 'follows from the time',
  row_number: 'number of the row',
  duration: 'follows from start and end',
};

/** Proposes a mapping of a file, from its facts and the user's answers alone. */
export function propose(
  facts: TableFacts,
  names: FieldNameIndex,
  sources: readonly Source[],
  answers: Answers,
): Proposal {
  const evidence = new Evidence(facts, names);
  const detected = answers.source === undefined ? detectSource(evidence) : { source: answers.source, questions: [] };
  const proposal: Proposal = {
    source: detected.source ?? '',
    fields: [],
    unmapped: [],
    warnings: [],
    questions: [...detected.questions],
    nullValues: {},
    keyFrom: [],
    separateBy: [],
    keepsDuplicates: false,
    formats: [],
  };
  if (detected.source === undefined) return proposal;
  if (detected.source === 'charging_sessions') proposeSessions(evidence, answers, proposal);
  else proposeRows(evidence, detected.source, answers, proposal);
  addConstants(evidence, answers, proposal);
  const source = sources.find(({ name }) => name === detected.source)!;
  askForRequired(source, proposal, evidence);
  addFormats(evidence, answers, proposal);
  const places = [...source.columns, ...source.inputs].map(({ name }) => name);
  proposal.fields.sort((a, b) => places.indexOf(a.column) - places.indexOf(b.column));
  addUnmapped(evidence, proposal);
  addNullValues(evidence, proposal);
  return proposal;
}

function proposeSessions(evidence: Evidence, answers: Answers, proposal: Proposal): void {
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
}

const hasField = ({ fields }: Proposal, name: string): boolean => fields.some(({ column }) => column === name);

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
  const [best] = evidence.facts.columns
    .filter((column) => column.name !== startClock && column.clocks >= mostValues)
    .map((column) => ({
      column,
      score: evidence.bestScore(column.name, { end_clock: 1, end_time: 1, charging_end_time: 0.7 }),
    }))
    .filter(({ score }) => score > 0.3)
    .toSorted((a, b) => b.score - a.score);
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
  return unit === undefined ? undefined : { median: column.median, factor: { kWh: 1, Wh: 0.001, MWh: 1000 }[unit] };
}

/** Tables other than sessions: names and values decide each column. */
function proposeRows(evidence: Evidence, source: string, answers: Answers, proposal: Proposal): void {
  const { targets } = sourceTargets[source]!;
  const timeTargets = targets.filter(({ kind }) => kind === 'time');
  const assigned = assignColumns(evidence, targets, new Set(), answers);
  proposal.questions.push(...assigned.questions);
  for (const field of assigned.fields) {
    const isTime = timeTargets.some(({ column }) => column === field.column);
    const joined = isTime ? joinedTime(evidence, field) : undefined;
    proposal.fields.push(joined ?? (isTime ? { ...field, sql: timeSql(evidence, field.from[0]!, field.sql) } : field));
  }
  if (source === 'customer_events') {
    addEventType(evidence, proposal, answers);
    const key = chooseKey(evidence, 'event_id', eventIdMeanings, proposal.fields, [], answers.fields['event_id']);
    proposal.fields.unshift(...key.fields);
    proposal.warnings.push(...key.warnings);
    // An order may have the same product twice.
    if (key.fields.length === 0 && !hasField(proposal, 'event_id') && isOrders(proposal)) {
      proposal.keyFrom = orderKey.filter((name) => hasField(proposal, name));
      proposal.keepsDuplicates = true;
    }
  }
}

/** Columns that make the ID of a row of an order. */
const orderKey = ['session_id', 'customer_id', 'event_timestamp', 'product_id', 'quantity', 'price'];

/** Whether the rows are parts of orders rather than events of a visit. */
const isOrders = ({ fields }: Proposal): boolean =>
  fields.some(({ column, sql }) => column === 'event_type' && sql.includes(`'purchase'`));

/** Rows of orders are purchases, and with a negative quantity refunds. */
function addEventType(evidence: Evidence, proposal: Proposal, answers: Answers): void {
  if (hasField(proposal, 'event_type') || answers.values['event_type'] !== undefined) return;
  if (!['quantity', 'price', 'total_amount'].some((name) => hasField(proposal, name))) return;
  const quantity = proposal.fields.find(({ column }) => column === 'quantity');
  const hasRefunds = quantity !== undefined && (evidence.column(quantity.from[0]!).min ?? 0) < 0;
  proposal.fields.push({
    column: 'event_type',
    sql: hasRefunds ? `case when ${quantity.sql} like '-%' then 'refund' else 'purchase' end` : `'purchase'`,
    from: hasRefunds ? quantity.from : [],
    reasons: [hasRefunds ? 'rows of orders; a negative quantity is a refund' : 'rows of orders'],
  });
}

/** A date column joined with the clock column beside it. */
function joinedTime(evidence: Evidence, field: ProposedField): ProposedField | undefined {
  const [name] = field.from;
  const { columns, times } = evidence.facts;
  const place = columns.findIndex((each) => each.name === name);
  const joined = times.find(
    (time) => time.columns.length === 2 && time.columns[0] === name && time.columns[1] === columns[place + 1]?.name,
  );
  return (
    joined && { ...field, sql: joined.sql, from: joined.columns, reasons: [...field.reasons, 'date and time joined'] }
  );
}

function add(
  proposal: Proposal,
  { fields, questions, warnings }: Pick<Proposal, 'fields' | 'questions' | 'warnings'>,
): void {
  proposal.fields.push(...fields);
  proposal.questions.push(...questions);
  proposal.warnings.push(...warnings);
}

const takenColumns = ({ fields }: Proposal): Set<string> => new Set(fields.flatMap(({ from }) => from));

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

const timeSql = (evidence: Evidence, name: string, sql: string): string =>
  evidence.facts.times.find((time) => time.name === name)?.sql ?? sql;

/** The column of zone letters such as CET for a time without an offset. */
function zoneColumn(evidence: Evidence, column: string, time: TimeColumn): string | undefined {
  if (time.columns.some((name) => evidence.column(name).offsets > 0)) return undefined;
  const meanings =
    column === 'start_time' ? { start_time_zone: 1, time_zone: 0.7 } : { end_time_zone: 1, time_zone: 0.7 };
  const [best] = evidence.facts.columns
    .filter((each) => each.zoneLetters >= 0.99)
    .map((each) => ({ name: each.name, score: evidence.bestScore(each.name, meanings) }))
    .filter(({ score }) => score > 0.3)
    .toSorted((a, b) => b.score - a.score);
  return best?.name;
}

const constantFields = ({ values }: Answers): ProposedField[] =>
  Object.entries(values).map(([column, value]) => ({ column, sql: literal(value), from: [], reasons: ['as given'] }));

/** Constants of the user, and the currency that headers or values show. */
function addConstants(evidence: Evidence, answers: Answers, proposal: Proposal): void {
  const constants = constantFields(answers);
  proposal.fields = [...proposal.fields.filter(({ column }) => !(column in answers.values)), ...constants];
  const needsCurrency = ['charging_sessions', 'tariffs'].includes(proposal.source) && !hasField(proposal, 'currency');
  if (!needsCurrency || answers.fields['currency'] === '') return;
  const amount = proposal.fields.find(({ column }) => column === 'amount_paid' || column.startsWith('price_'));
  if (!amount || amount.from.length === 0) return;
  const currency = constantCurrency(evidence.column(amount.from[0]!));
  if (currency)
    proposal.fields.push({
      column: 'currency',
      sql: `currency_code(${literal(currency.code)})`,
      from: [],
      reasons: [currency.reason],
    });
  else if (proposal.source === 'charging_sessions')
    proposal.warnings.push(
      `${amount.from[0]} has no currency: it counts as the base currency; set it with --value currency=EUR`,
    );
}

/** Asks for what no row is valid without. */
function askForRequired(source: Source, proposal: Proposal, evidence: Evidence): void {
  const isKeyMade = proposal.keyFrom.length > 0;
  for (const { name, required, default: defaultSql } of source.columns) {
    const isKey = source.key.includes(name);
    if (!required || defaultSql !== undefined || hasField(proposal, name) || (isKey && isKeyMade)) continue;
    if (proposal.questions.some(({ column }) => column === name)) continue;
    const free = evidence.facts.columns.filter((each) => each.filled > 0 && !takenColumns(proposal).has(each.name));
    proposal.questions.push({
      option: isConstant(name) ? '--value' : '--field',
      column: name,
      text: isConstant(name) ? `No column has ${name}. Which value do all rows have?` : `Which column is ${name}?`,
      choices: isConstant(name) ? [] : free.slice(0, 12).map((each) => ({ value: each.name, label: each.name })),
    });
  }
}

/** Columns that may be the same in every row of a file. */
const isConstant = (name: string): boolean => ['station_id', 'currency', 'event_type'].includes(name);

/** Value formats, the time zone, and questions about them. */
function addFormats(evidence: Evidence, answers: Answers, proposal: Proposal): void {
  const { dateOrder, decimalMark, columns } = evidence.facts;
  const used = takenColumns(proposal);
  const usedColumns = columns.filter(({ name }) => used.has(name));
  if (
    usedColumns.some(
      (each) => each.dayFirst + each.monthFirst + each.eitherOrder > 0 && each.times + each.dates >= mostValues,
    )
  ) {
    if (dateOrder.value) {
      proposal.dateOrder = dateOrder.value;
      proposal.formats.push(`dates: ${dateOrder.value === 'dmy' ? 'day' : 'month'} first (${dateOrder.reason})`);
    } else if (dateOrder.doubt)
      proposal.questions.push({
        option: '--date-order',
        text: `Do dates begin with the day or the month? (${dateOrder.doubt})`,
        choices: [
          { value: 'dmy', label: 'day first' },
          { value: 'mdy', label: 'month first' },
        ],
      });
  }
  if (
    usedColumns.some(
      (each) => each.commas + each.points + each.commaGroups + each.pointGroups > 0 && each.numbers >= mostValues,
    )
  ) {
    if (decimalMark.value) {
      proposal.decimalMark = decimalMark.value;
      proposal.formats.push(
        `numbers: decimal ${decimalMark.value === ',' ? 'comma' : 'point'} (${decimalMark.reason})`,
      );
    } else if (decimalMark.doubt)
      proposal.questions.push({
        option: '--decimal-mark',
        text: `Is the decimal mark a comma or a point? (${decimalMark.doubt})`,
        choices: [
          { value: ',', label: 'comma' },
          { value: '.', label: 'point' },
        ],
      });
  }
  const question = addZone(evidence, answers, proposal);
  if (question) proposal.questions.push(question);
}

/** The zone of times without an offset. */
function addZone(evidence: Evidence, answers: Answers, proposal: Proposal): Question | undefined {
  const timeFields = proposal.fields.filter(({ from }) =>
    from.some((name) => {
      const column = evidence.column(name);
      return column.times + column.dates >= mostValues && column.unixTimes < mostValues;
    }),
  );
  const local = timeFields.filter(
    ({ from }) =>
      !from.some((name) => evidence.column(name).zoneLetters >= 0.99) &&
      from.every((name) => evidence.column(name).offsets < mostValues),
  );
  if (local.length === 0) return undefined;
  if (answers.zone !== undefined) {
    proposal.zone = answers.zone;
    proposal.formats.push(`times: in ${answers.zone} (${answers.zoneOrigin ?? 'as given'})`);
    return undefined;
  }
  const zoneNames = evidence.facts.columns.filter((each) => each.zoneNames >= 0.99 && each.distinct === 1);
  if (zoneNames[0]) {
    proposal.zone = zoneNames[0].samples[0]!;
    proposal.formats.push(`times: in ${proposal.zone} (column ${zoneNames[0].name})`);
    return undefined;
  }
  return {
    option: '--tz',
    text: 'In which time zone are the times? They have no offset.',
    choices: [],
    fallback: 'times are read as UTC',
  };
}

function addUnmapped(evidence: Evidence, proposal: Proposal): void {
  const used = takenColumns(proposal);
  for (const { name, filled } of evidence.facts.columns) {
    if (used.has(name)) continue;
    const [best] = evidence.matches(name);
    const reason =
      filled === 0
        ? 'empty'
        : best && best.score > 0.6 && Object.hasOwn(noise, best.meaning)
          ? noise[best.meaning]
          : undefined;
    proposal.unmapped.push({ name, ...(reason ? { reason } : {}) });
  }
}

/** Columns whose value may stand for an unknown person. */
const personColumns = new Set(['user_id', 'rfid', 'customer_id', 'id_tag']);

/** Null markers of the columns that are read, and texts for unknown users. */
function addNullValues(evidence: Evidence, proposal: Proposal): void {
  for (const { column, from } of proposal.fields) {
    const [name] = from;
    if (name === undefined || !personColumns.has(column)) continue;
    const { field, unknownWords } = evidence.column(name);
    if (unknownWords.length === 0) continue;
    proposal.nullValues[field] = [...unknownWords];
    proposal.warnings.push(`${name}: ${unknownWords.join(', ')} is read as no user`);
  }
  for (const name of takenColumns(proposal)) {
    const { field, nullMarkers } = evidence.column(name);
    if (nullMarkers.length > 0)
      proposal.nullValues[field] = [...new Set([...(proposal.nullValues[field] ?? []), ...nullMarkers])];
  }
}
