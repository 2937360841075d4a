import type { ErrorDefinition } from '../definition.ts';

/** Failures of a report, a forecast or an action. */
export const reportErrors = {
  record_not_found: {
    kind: 'not_found',
    message: '{+record} "{value}" not found',
    hint: 'IDs and names are case-sensitive.',
  },
  too_many_buckets: {
    kind: 'usage',
    message: 'more than 10,000 days, weeks or months in the period',
    hint: 'Choose a shorter period{+coarser}.',
  },
  issue_resolved: {
    kind: 'conflict',
    message: 'issue "{issue}" is resolved',
    hint: 'Only open and acknowledged issues can be acknowledged.',
  },
  invalid_segment_rule: {
    kind: 'failed',
    message: 'segment {segment} has an invalid rule: {rule}',
    hint: 'Correct it in the file of customer_segments and import the file again.',
  },
  invalid_horizon: {
    kind: 'usage',
    message: 'invalid value "{value}" for {parameter}: expected a number of days',
    hint: 'Use integers from 1 to 365, separated by commas, for example 30,60,90.',
  },
  invalid_plan: {
    kind: 'usage',
    message: 'invalid value "{value}" for {parameter}: expected a number of charge points and a day',
    hint: 'Write it like +10@2026-03-01, several separated by commas.',
  },
  invalid_holidays: {
    kind: 'usage',
    message: 'invalid value "{value}" for {parameter}: expected a country such as DE, a region such as DE-BY, or none',
    hint: 'Use the ISO 3166 code.',
  },
  unknown_holiday_country: {
    kind: 'usage',
    message: 'invalid value "{value}" for {parameter}: holidays of this country are not known',
    hint: 'Use the ISO 3166 code of a country, such as DE, or none.',
  },
  unknown_holiday_region: {
    kind: 'usage',
    message: 'invalid value "{value}" for {parameter}: region not found in {place}',
    hint: '{suggestion}',
  },
  plan_before_forecast: {
    kind: 'usage',
    message: 'invalid value "{value}" for {parameter}: the forecast begins on {first}',
    hint: 'Charge points that opened before are in the data.',
  },
  plan_without_points: {
    kind: 'usage',
    message: '{parameter} needs active charge points, whose mean the new ones are forecast to have',
    hint: 'Choose an as_of at which the network is active.',
  },
  plan_closes_too_many: {
    kind: 'usage',
    message: 'invalid value "{value}" for {parameter}: it closes more charge points than the {+active} active ones',
  },
  plan_with_several_series: {
    kind: 'usage',
    message: '{parameter} applies to one series, and there are {+series}',
    hint: 'Forecast the total, or one site.',
  },
  too_many_horizons: { kind: 'usage', message: '{parameter} has {count} horizons, the maximum is {max}' },
  too_much_history: {
    kind: 'usage',
    message: 'more than {+max} of history in all series together',
    hint: 'Choose fewer series.',
  },
  invalid_daily_series: {
    kind: 'failed',
    message: '{+view} is not a daily series{series}: {+rows} for the {+days} from {first} to {last}',
    hint: 'Every day must occur once, with 0 when nothing happened.',
  },
} as const satisfies Record<string, ErrorDefinition>;
