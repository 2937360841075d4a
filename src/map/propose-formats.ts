import type { Evidence } from './evidence.ts';
import { mostValues } from './facts.ts';
import { takenColumns, type Answers, type Proposal, type Question } from './proposal.ts';

/** Value formats, the time zone, and questions about them. */
export function addFormats(evidence: Evidence, answers: Answers, proposal: Proposal): void {
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
