import { confirm, isCancel, select, text } from '@clack/prompts';
import { interruptedError, WattduckError } from '../errors/wattduck-error.ts';
import type { Io } from '../io.ts';
import type { Question } from '../map/proposal.ts';
import type { MapSession } from '../map/session.ts';
import { clipValue, plainLine } from '../text/plain-text.ts';

/** Asks the open questions of a proposal, one at a time: an answer may settle others. */
export async function askQuestions(io: Io, session: MapSession): Promise<void> {
  const asked = new Set<string>();
  for (;;) {
    const question = session.proposal.questions.find((each) => !asked.has(keyOf(each)));
    if (!question) return;
    asked.add(keyOf(question));
    const answer = await ask(question);
    if (answer === '') continue;
    try {
      await session.answer(question.option, question.column, answer);
    } catch (error) {
      if (!(error instanceof WattduckError) || error.kind === 'interrupted') throw error;
      io.stderr.write(`${plainLine(error.fullMessage)}\n`);
      asked.delete(keyOf(question));
    }
  }
}

const keyOf = ({ option, column }: Question): string => `${option} ${column ?? ''}`;

async function ask({ text: message, choices, fallback }: Question): Promise<string> {
  const line = plainLine(message);
  const answer =
    choices.length > 0
      ? await select({
          message: line,
          options: [
            ...choices.map(({ value, label }) => ({ value, label: plainLine(clipValue(label)) })),
            ...(fallback === undefined ? [] : [{ value: '', label: `None: ${fallback}` }]),
          ],
        })
      : await text({ message: line, ...(fallback === undefined ? {} : { placeholder: fallback, defaultValue: '' }) });
  if (isCancel(answer)) throw interruptedError(new Error('cancelled'));
  return String(answer);
}

/** Asks whether to write the mapping. */
export async function confirmMapping(path: string): Promise<boolean> {
  const answer = await confirm({ message: `Write ${plainLine(path)}?` });
  if (isCancel(answer)) throw interruptedError(new Error('cancelled'));
  return answer;
}
