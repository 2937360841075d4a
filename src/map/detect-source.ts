import type { Evidence } from './evidence.ts';
import type { Question } from './proposal.ts';
import { isTimeColumn } from './relations.ts';
import { sourceTargets } from './targets.ts';

/** Min weight of signs to propose a table. */
const minSigns = 2.5;

/** The table that a file belongs to, by the meanings of its columns. */
export function detectSource(evidence: Evidence): { source?: string; questions: Question[] } {
  const scores = Object.entries(sourceTargets)
    .map(([source, { signs, needsTime }]) => ({
      source,
      // Without times a file cannot be of such a table, but its user may think so.
      score: signScore(evidence, signs) * (needsTime && !hasTimes(evidence) ? 0.3 : 1),
    }))
    .toSorted((a, b) => b.score - a.score);
  const [first, second] = scores;
  const choices = scores.filter(({ score }) => score > 0).map(({ source }) => ({ value: source, label: source }));
  if (!first || first.score < minSigns)
    return {
      questions: [
        {
          option: '--source',
          text: 'What does each row describe?',
          choices: choices.length > 0 ? choices : allSources(),
        },
      ],
    };
  if (second && second.score > first.score * 0.85)
    return { source: first.source, questions: [{ option: '--source', text: 'What does each row describe?', choices }] };
  return { source: first.source, questions: [] };
}

const allSources = (): Question['choices'] => Object.keys(sourceTargets).map((value) => ({ value, label: value }));

const hasTimes = (evidence: Evidence): boolean =>
  evidence.facts.columns.some((column) => isTimeColumn(column)) || evidence.facts.times.length > 0;

/** Each sign counts once, for the column that fits it best. */
function signScore(evidence: Evidence, signs: Readonly<Record<string, number>>): number {
  const best = new Map<string, number>();
  for (const { name } of evidence.facts.columns) {
    const [match] = evidence.matches(name);
    if (match && match.score > 0.4 && match.meaning in signs)
      best.set(match.meaning, Math.max(best.get(match.meaning) ?? 0, match.score * signs[match.meaning]!));
  }
  return [...best.values()].reduce((sum, each) => sum + each, 0);
}
