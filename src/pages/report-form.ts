import type { Parameter, ParameterRole, RawParameters, Report } from '../catalog/definitions.ts';
import { namesOf, periodInsteadOf, shownName } from '../catalog/period-parameters.ts';
import type { WattduckError } from '../errors/wattduck-error.ts';
import { escapeHtml } from '../text/html.ts';
import type { Choices } from './read-report-page.ts';
import { relativePeriods } from '../text/calendar-period.ts';

/** Roles of parameters that the form always shows, in order; the others are below "More parameters". */
const mainRoles: readonly (ParameterRole | undefined)[] = [
  'period_start',
  'period_end',
  'period',
  'compare',
  'site',
  'charge_point',
  'customer',
  'currency',
  'granularity',
  'time_zone',
];

/** Whether a page lets the user set a parameter. */
export const isSettable = ({ role }: Parameter): boolean => role !== 'forecast';

/** The value of a parameter that the user set, under any of its names. */
export const valueOf = (parameter: Parameter, params: RawParameters): string | undefined =>
  namesOf(parameter)
    .map((name) => params[name])
    .find((value) => value !== undefined);

/** The form of a report's parameters, which works without a script. */
export function reportForm(
  report: Report,
  params: RawParameters,
  choices: Choices,
  path: string,
  error: WattduckError | undefined,
): string {
  const parameters = report.parameters.filter(isSettable);
  const invalid = new Set(parametersOf(error, parameters));
  const isMain = (parameter: Parameter): boolean => parameter.required || mainRoles.includes(parameter.role);
  const main = parameters.filter(isMain).toSorted((a, b) => mainRoles.indexOf(a.role) - mainRoles.indexOf(b.role));
  const field = (parameter: Parameter): string =>
    fieldHtml(parameter, {
      value: valueOf(parameter, params),
      values: choices.get(parameter.name) ?? (parameter.role === 'period' ? relativePeriods : []),
      isRequired:
        parameter.required &&
        parameter.default === undefined &&
        periodInsteadOf(parameter, report.parameters) === undefined,
      error: error && invalid.has(parameter) ? error : undefined,
    });
  const others = parameters.filter((parameter) => !isMain(parameter));
  const isOpen = others.some((parameter) => valueOf(parameter, params) !== undefined || invalid.has(parameter));
  return `<section class="pickers" aria-label="Parameters">
<form method="get" action="${escapeHtml(path)}">
${main.map(field).join('\n')}
${
  others.length === 0
    ? ''
    : `<details class="more"${isOpen ? ' open' : ''}><summary>More parameters</summary>
<div class="fields">
${others.map(field).join('\n')}
</div></details>
`
}<button class="primary">Show</button>
<a class="button" href="${escapeHtml(path)}">Reset</a>
</form>
</section>`;
}

/** The parameters that an error is about; messages name them. */
export function parametersOf(error: WattduckError | undefined, parameters: readonly Parameter[]): Parameter[] {
  if (!error) return [];
  const named = new Set(error.parameters.flatMap((text) => text.split(/, | and /)));
  return parameters.filter((parameter) => namesOf(parameter).some((name) => named.has(name)));
}

interface Field {
  value: string | undefined;
  /** Values to choose from. */
  values: readonly string[];
  isRequired: boolean;
  error: WattduckError | undefined;
}

function fieldHtml(parameter: Parameter, { value, values, isRequired, error }: Field): string {
  const name = shownName(parameter);
  const id = `p-${name}`;
  const attributes = [
    `id="${escapeHtml(id)}"`,
    `name="${escapeHtml(name)}"`,
    ...(isRequired ? ['required'] : []),
    ...(error ? ['aria-invalid="true"', `aria-describedby="${escapeHtml(id)}-error"`] : []),
    `title="${escapeHtml(parameter.description)}"`,
  ].join(' ');
  const control =
    (parameter.choices ?? (parameter.type === 'BOOLEAN' ? ['true', 'false'] : undefined))
      ? selectHtml(parameter, attributes, value)
      : inputHtml(parameter, attributes, { value, values, isInvalid: error !== undefined }, id);
  return `<div class="field"><label for="${escapeHtml(id)}">${escapeHtml(name.replaceAll('_', ' '))}${isRequired ? ' *' : ''}</label>
${control}${error ? `\n<p class="problem" id="${escapeHtml(id)}-error">${escapeHtml(error.fullMessage)}</p>` : ''}</div>`;
}

function selectHtml(parameter: Parameter, attributes: string, value: string | undefined): string {
  const { choices = ['true', 'false'], default: preset, required } = parameter;
  // A value that is not accepted stays visible, next to its error.
  const all = value === undefined || choices.includes(value) ? choices : [value, ...choices];
  const empty =
    preset !== undefined
      ? `<option value="">${escapeHtml(preset)} (default)</option>`
      : `<option value="">${required ? 'choose' : parameter.role === 'compare' ? 'off' : 'any'}</option>`;
  const options = all
    .filter((choice) => choice !== preset || choice === value)
    .map(
      (choice) =>
        `<option value="${escapeHtml(choice)}"${choice === value ? ' selected' : ''}>${escapeHtml(choice)}</option>`,
    );
  return `<select ${attributes}>${empty}${options.join('')}</select>`;
}

function inputHtml(
  parameter: Parameter,
  attributes: string,
  { value, values, isInvalid }: Pick<Field, 'value' | 'values'> & { isInvalid: boolean },
  id: string,
): string {
  const placeholder = parameter.default ?? (values.length > 0 ? undefined : parameter.example);
  const list = values.length === 0 ? '' : ` list="${escapeHtml(id)}-values"`;
  const options = values.map((each) => `<option value="${escapeHtml(each)}"></option>`).join('');
  const input = `<input ${attributes} ${typeAttributes(parameter, value, isInvalid)}${list}${
    placeholder === undefined ? '' : ` placeholder="${escapeHtml(placeholder)}"`
  } value="${escapeHtml(value ?? '')}">`;
  return values.length === 0 ? input : `${input}<datalist id="${escapeHtml(id)}-values">${options}</datalist>`;
}

const isDate = /^\d{4}-\d\d-\d\d$/;
const isLocalTime = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?$/;

/** Type of an input, and its limits. A value that its type cannot show, such as an offset, is edited as text. */
function typeAttributes(
  { type, role, min, max, maxLength }: Parameter,
  value: string | undefined,
  isInvalid: boolean,
): string {
  const limit = (name: string, number: number | undefined): string =>
    number === undefined ? '' : ` ${name}="${number}"`;
  const isShown = (pattern: RegExp): boolean => !isInvalid && (value === undefined || pattern.test(value));
  if (type === 'TIMESTAMP' && role !== 'now' && isShown(isDate)) return 'type="date"';
  if (type === 'DATE' && isShown(isDate)) return 'type="date"';
  if (type === 'TIMESTAMP' && role === 'now' && isShown(isLocalTime)) return 'type="datetime-local" step="1"';
  if (/INT|DOUBLE|DECIMAL/.test(type) && isShown(/^-?\d+(\.\d+)?$/))
    return `type="number" step="${type.includes('INT') ? 1 : 'any'}"${limit('min', min)}${limit('max', max)}`;
  return `type="text" autocomplete="off" spellcheck="false"${limit('maxlength', maxLength)}`;
}
