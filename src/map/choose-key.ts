import { hasIdWord } from '../ingest/column-words.ts';
import type { Evidence } from './evidence.ts';
import { mostValues, type ColumnFacts } from './facts.ts';
import type { ProposedField } from './proposal.ts';
import { isTimeColumn } from './relations.ts';

/** How rows get their ID. */
export interface ChosenKey {
  fields: ProposedField[];
  keyFrom: string[];
  warnings: string[];
}

/** Meanings of a session's ID, with how well each fits. */
export const sessionIdMeanings = { session_id: 1, transaction_id: 0.9, id: 0.6, order_id: 0.4, event_id: 0.4 };
export const eventIdMeanings = { event_id: 1, id: 0.7 };

/**
 * The ID of a row: a column that is unique in the file, or unique within a charge point, or a key made of other columns. Numbers
 * that count the rows of the file are not an ID, because the next file counts again.
 */
export function chooseKey(
  evidence: Evidence,
  keyColumn: string,
  meanings: Readonly<Record<string, number>>,
  fields: readonly ProposedField[],
  keyFrom: readonly string[],
  given: string | undefined,
): ChosenKey {
  const station = fields.find(({ column }) => column === 'station_id');
  const available = keyFrom.filter((name) => fields.some(({ column }) => column === name));
  const made: ChosenKey = { fields: [], keyFrom: available, warnings: [] };
  if (given === '') return made;
  const scored = evidence.facts.columns
    .filter(
      (column) =>
        column.filled >= evidence.facts.rows * 0.8 && !isTimeColumn(column) && column.points + column.commas === 0,
    )
    .map((column) => ({
      column,
      score: nameScore(evidence, column, meanings),
      best: evidence.matches(column.name)[0],
    }))
    .filter(({ score, best }) => score > 0.3 && (best === undefined || best.meaning in meanings || best.score < 0.5))
    .toSorted((a, b) => b.score - a.score);
  const id = given === undefined ? scored[0]?.column : evidence.column(given);
  if (!id) return made;
  const field = (sql: string, from: string[], reasons: string[]): ProposedField => ({
    column: keyColumn,
    sql,
    from,
    reasons,
  });
  const transaction: ProposedField[] =
    keyColumn === 'session_id' && !['id', 'row_number'].includes(evidence.matches(id.name)[0]?.meaning ?? '')
      ? [{ column: 'transaction_id', sql: id.sql, from: [id.name], reasons: ['name'] }]
      : [];
  if (given === undefined && isCounter(id))
    return {
      ...made,
      fields: transaction,
      warnings: [`${id.name} counts the rows of the file from 1, so it is not used as an ID`],
    };
  if (id.distinct >= id.filled * 0.999 || given !== undefined)
    return { fields: [field(id.sql, [id.name], ['name', 'unique'])], keyFrom: [], warnings: [] };
  const stationColumn = station?.from[0];
  const pairs = stationColumn === undefined ? undefined : evidence.facts.distinctPairs[`${id.name}|${stationColumn}`];
  if (station && pairs !== undefined && pairs > id.distinct * 1.001 && pairs >= id.filled * mostValues)
    return {
      fields: [
        field(
          `${station.sql} || '/' || ${id.sql}`,
          [stationColumn!, id.name],
          [`${id.name} is unique only with ${stationColumn}`],
        ),
        ...transaction,
      ],
      keyFrom: [],
      warnings: [],
    };
  if (id.distinct >= id.filled * mostValues)
    return {
      fields: [field(id.sql, [id.name], ['name'])],
      keyFrom: [],
      warnings: [
        `${id.name} repeats in ${id.filled - id.distinct} rows: the last of them replaces the others, unless a time of update says otherwise`,
      ],
    };
  return { ...made, fields: transaction };
}

/** How well a column fits as an ID: by its name, or as a unique UUID, or a unique number with a word for ID in its name. */
function nameScore(evidence: Evidence, column: ColumnFacts, meanings: Readonly<Record<string, number>>): number {
  const score = evidence.bestScore(column.name, meanings);
  const isUnique = column.distinct >= column.filled * 0.999;
  if (isUnique && column.uuids >= 0.99 && score <= 0.3) return 0.4;
  if (score > 0.3 || !isUnique || !hasIdWord(column.name))
    return isUnique || column.distinct > column.filled * 0.01 ? score : 0;
  return column.integers >= 0.99 || column.uuids >= 0.99 ? 0.5 : score;
}

const isCounter = ({ integers, min, max, distinct, filled }: ColumnFacts): boolean =>
  integers >= 0.99 &&
  (min === 1 || min === 0) &&
  max !== undefined &&
  distinct >= filled * 0.999 &&
  max <= filled * 1.02 + 1;
