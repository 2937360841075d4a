import type { Evidence } from './evidence.ts';
import { mostValues, type TimeColumn, type TimePair } from './facts.ts';
import { hasShortYears, isDateColumn } from './read-facts.ts';
import type { Question } from './proposal.ts';
import { isTimeColumn } from './relations.ts';

/** The columns of start and end, and why. */
export interface ChosenTimes {
  start?: TimeColumn;
  end?: TimeColumn;
  reasons: { start: string[]; end: string[] };
  questions: Question[];
  warnings: string[];
}

const startMeanings = {
  start_time: 1,
  start_date: 0.95,
  charging_start_time: 0.8,
  timestamp: 0.4,
  date: 0.4,
  event_time: 0.4,
};
const endMeanings = { end_time: 1, end_date: 0.95, charging_end_time: 0.7 };
const startClocks = { start_clock: 1, start_time: 1, charging_start_time: 0.8, time: 0.5, date: 0 };
const endClocks = { end_clock: 1, end_time: 1, charging_end_time: 0.7, time: 0.2 };

/** Chooses the start and the end of sessions: by the names of columns, and by which of two times is never after the other. */
export function chooseTimes(evidence: Evidence, given: Readonly<Record<string, string>>): ChosenTimes {
  const { times, timePairs, columns } = evidence.facts;
  const places = new Map(columns.map(({ name }, place) => [name, place]));
  const score = (time: TimeColumn, dates: Record<string, number>, clocks: Record<string, number>): number => {
    const [first, second] = time.columns as [string, string | undefined];
    if (second === undefined) {
      // A date without a time of day is worse than one with a clock column.
      const isPlainDate = isDateColumn(evidence.column(first));
      return evidence.bestScore(first, dates) * (isPlainDate ? 0.6 : 1);
    }
    const isAdjacent = Math.abs(places.get(second)! - places.get(first)!) === 1;
    const [a, b] = [evidence.bestScore(first, dates), evidence.bestScore(second, clocks)];
    return a === 0 || b === 0 ? 0 : (a + b) / 2 + (isAdjacent ? 0.03 : 0);
  };
  const candidates = times.filter((time) => time.columns.every((name) => name !== given['end_time']));
  const pairOf = (from: TimeColumn, to: TimeColumn): TimePair | undefined =>
    timePairs.find((each) => each.from === from.name && each.to === to.name);
  const givenTime = (column: string): TimeColumn | undefined =>
    given[column] === undefined ? undefined : times.find((each) => each.name === given[column]);
  const starts = candidates
    .map((time) => ({ time, score: score(time, startMeanings, startClocks) }))
    .filter((each) => each.score > 0.2)
    .toSorted((a, b) => b.score - a.score);
  const ends = times
    .map((time) => ({ time, score: score(time, endMeanings, endClocks) }))
    .filter((each) => each.score > 0.2)
    .toSorted((a, b) => b.score - a.score);

  let best: { start: TimeColumn; end?: TimeColumn; total: number } | undefined;
  for (const { time: start, score: startScore } of starts) {
    if (startScore > (best?.total ?? 0)) best = { start, total: startScore };
    for (const { time: end, score: endScore } of ends) {
      if (end.name === start.name) continue;
      // Rows without both, or the end before the start, are not sessions.
      const pair = pairOf(start, end);
      const relation = pair === undefined ? 0 : pair.ordered >= mostValues ? 0.3 : pair.ordered < 0.5 ? -1 : 0;
      const total = startScore + endScore + relation;
      if (total > (best?.total ?? 0)) best = { start, end, total };
    }
  }
  const start = givenTime('start_time') ?? best?.start;
  const end =
    given['end_time'] === ''
      ? undefined
      : (givenTime('end_time') ?? (best ? (best.start === start ? best.end : undefined) : ends[0]?.time));
  const reasons = { start: start ? ['name'] : [], end: end ? ['name'] : [] };
  const chosen: ChosenTimes = {
    ...(start ? { start } : {}),
    ...(end ? { end } : {}),
    reasons,
    questions: [],
    warnings: ['start_time', 'end_time']
      .filter((column) => (given[column] ?? '') !== '' && !givenTime(column))
      .map((column) => `${given[column]} is not used as ${column}: its values are not times in a form that is known`),
  };
  const found = start && end ? chosen : inferFromOrder(evidence, chosen, pairOf);
  return withWarnings(evidence, found, pairOf);
}

/** Of two times without a name that says so, the one that is never after the other is the start. */
function inferFromOrder(
  evidence: Evidence,
  chosen: ChosenTimes,
  pairOf: (from: TimeColumn, to: TimeColumn) => TimePair | undefined,
): ChosenTimes {
  const others = evidence.facts.times.filter(
    (time) =>
      time.name !== chosen.start?.name &&
      time.name !== chosen.end?.name &&
      time.columns.every((name) => isUnnamed(evidence, name) && !(chosen.start?.columns.includes(name) ?? false)) &&
      (time.columns.length > 1 || isTimeColumn(evidence.column(time.columns[0]!))),
  );
  const isSpan = (from: TimeColumn, to: TimeColumn): boolean => {
    const pair = pairOf(from, to);
    return pair !== undefined && pair.ordered >= 0.98 && pair.equal < 0.5 && pair.long < 0.1;
  };
  const { start, end } = chosen;
  if (start && !end) {
    const fitting = others.filter((time) => isSpan(start, time));
    if (fitting.length === 1)
      return {
        ...chosen,
        end: fitting[0]!,
        reasons: { ...chosen.reasons, end: [`values: never before ${start.name}`] },
      };
    return fitting.length === 0
      ? chosen
      : { ...chosen, questions: [timeQuestion('end_time', 'end of a session', fitting, true)] };
  }
  if (!start && end) {
    const fitting = others.filter((time) => isSpan(time, end));
    if (fitting.length === 1)
      return {
        ...chosen,
        start: fitting[0]!,
        reasons: { ...chosen.reasons, start: [`values: never after ${end.name}`] },
      };
    return {
      ...chosen,
      questions: [timeQuestion('start_time', 'start of a session', fitting.length > 0 ? fitting : others, false)],
    };
  }
  const spans = others.flatMap((from) => others.filter((to) => isSpan(from, to)).map((to) => ({ from, to })));
  if (spans.length === 1) {
    const { from, to } = spans[0]!;
    return {
      ...chosen,
      start: from,
      end: to,
      reasons: { start: [`values: never after ${to.name}`], end: [`values: never before ${from.name}`] },
    };
  }
  if (others.length === 1 && spans.length === 0)
    return { ...chosen, start: others[0]!, reasons: { start: ['values: the only times of the file'], end: [] } };
  return { ...chosen, questions: [timeQuestion('start_time', 'start of a session', others, false)] };
}

/** Whether the name of a column says nothing certain, so that its values decide. */
const isUnnamed = (evidence: Evidence, name: string): boolean => {
  const [best] = evidence.matches(name);
  return (
    best === undefined ||
    best.score < 0.5 ||
    ['date', 'time', 'timestamp', 'value', 'event_time'].includes(best.meaning)
  );
};

const timeQuestion = (column: string, what: string, times: readonly TimeColumn[], isOptional: boolean): Question => ({
  option: '--field',
  column,
  text: `Which column is the ${what}?`,
  choices: times.map(({ name }) => ({ value: name, label: name })),
  ...(isOptional ? { fallback: `${column} stays empty` } : {}),
});

function withWarnings(
  evidence: Evidence,
  chosen: ChosenTimes,
  pairOf: (from: TimeColumn, to: TimeColumn) => TimePair | undefined,
): ChosenTimes {
  const { start, end } = chosen;
  const warnings = [...chosen.warnings];
  const pair = start && end ? pairOf(start, end) : undefined;
  if (pair && pair.ordered < 0.99)
    warnings.push(
      `${((1 - pair.ordered) * 100).toFixed(1)} % of the rows end before they start; they will be rejected`,
    );
  if (start && start.columns.length === 1 && isDateColumn(evidence.column(start.name)))
    warnings.push(`${start.name} has no time of day: every session starts at midnight`);
  for (const time of [start, end])
    if (time && time.columns.some((name) => hasShortYears(evidence.column(name))))
      warnings.push(`${time.name}: years such as 0014 are read as 2014`);
  return { ...chosen, warnings };
}
