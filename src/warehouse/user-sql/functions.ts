/**
 * Functions that a user's SQL may call, grouped by the size of their results. Any other function is rejected: it may read
 * files, settings or other tables, or create large values or long computations from small input.
 */

const splitWords = (text: string): string[] => text.trim().split(/\s+/);

/** Results of at most 64 bytes, in time linear in the arguments. */
const smallFunctions = splitWords(`
  + - * / // % & | << >> ^ ** @ !__postfix xor
  abs acos acosh add asin asinh atan atan2 atanh bit_count cbrt ceil ceiling cos cosh cot degrees divide even exp factorial fdiv floor fmod gamma gcd
  greatest_common_divisor isfinite isinf isnan lcm least_common_multiple lgamma ln log log10 log2 mod multiply nextafter pi pow power radians random round round_even
  roundbankers sign signbit sin sinh sqrt subtract tan tanh trunc
  age century current_date current_localtime current_localtimestamp date_add date_diff date_part date_sub date_trunc datediff datepart datesub datetrunc day dayname
  dayofmonth dayofweek dayofyear days_in_month decade epoch epoch_ms epoch_ns epoch_us era get_current_time get_current_timestamp hour isodow isoyear julian last_day make_date
  make_time make_timestamp make_timestamp_ms make_timestamptz microsecond millennium millisecond minute month monthname nanosecond now quarter second time_bucket timezone
  timezone_hour timezone_minute to_centuries to_days to_decades to_hours to_microseconds to_millennia to_milliseconds to_minutes to_months to_quarters to_seconds to_timestamp
  to_weeks to_years today transaction_timestamp week weekday weekofyear year yearweek
  ascii bit_length char_length character_length chr format_bytes hash len length md5 md5_number octet_length ord sha1 sha256 strlen typeof unicode
  gen_random_uuid uuid uuidv4 uuidv7
  array_length cardinality json_array_length json_type json_valid list_avg list_bool_and list_bool_or list_count list_entropy list_median list_product
  list_stddev_pop list_stddev_samp list_sum list_unique list_var_pop list_var_samp array_unique
  approx_count_distinct approx_quantile avg bit_and bit_or bit_xor bool_and bool_or corr count count_if count_star countif covar_pop covar_samp entropy favg fsum geomean
  geometric_mean kahan_sum kurtosis kurtosis_pop mad mean product regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy sem skewness
  stddev stddev_pop stddev_samp sum sumkahan var_pop var_samp variance wavg weighted_avg
  cume_dist dense_rank ntile percent_rank rank rank_dense row_number
`);

/** Results that are an argument, a part of one, or its elements in another order. */
const partFunctions = splitWords(`
  array_distinct array_pop_back array_pop_front array_reverse array_reverse_sort array_slice array_sort flatten greatest least left list_distinct list_grade_up
  list_intersect list_reverse list_reverse_sort list_slice list_sort ltrim map_entries map_keys map_values nullif reverse right rtrim split_part strip_accents
  parse_dirname parse_filename struct_extract substr substring trim unhex from_base64 from_hex json_keys url_decode
  any_value arbitrary first first_value fill lag last last_value lead nth_value median quantile quantile_cont quantile_disc mode
`);

/** Results that are an element of a list or map. */
const elementFunctions = splitWords(`
  array_extract element_at list_any_value list_element list_extract list_first list_last list_max list_min list_mode map_extract map_extract_value unnest
`);

/** Results that concatenate all arguments. */
const concatFunctions = splitWords(`
  || array_append array_cat array_concat array_prepend array_push_back array_push_front array_value array_zip concat list_append list_cat list_concat list_pack list_prepend
  list_value list_zip map map_concat map_from_entries row struct_concat struct_insert struct_pack
`);

/** Functions by the factor by which a result may exceed the total size of the arguments. */
const wideningFunctions: Record<string, string[]> = {
  2: splitWords('base64 hex regexp_escape to_base64 to_hex'),
  3: splitWords('decode lcase lower nfc_normalize ucase upper url_encode'),
  4: splitWords('encode translate'),
  6: splitWords('array_to_json json json_array json_object json_quote row_to_json to_json'),
  8: splitWords('bin to_binary'),
  17: splitWords('split str_split string_split string_to_array'),
};

/** Functions that search one argument in another; steps are the product of their lengths. */
const searchFunctions = splitWords(`
  && <@ @> ^@ array_contains array_has array_has_all array_has_any array_indexof array_position contains ends_with instr list_contains list_has list_has_all list_has_any
  list_indexof list_position map_contains position prefix starts_with strpos suffix
`);

/** Aggregates whose result grows with the number of rows. */
export const growingAggregates: ReadonlySet<string> = new Set(
  splitWords('array_agg group_concat histogram json_group_array json_group_object list listagg string_agg list_names'),
);

/** Aggregates with an optional last argument, the number of rows to keep; the value is the index of that argument. */
export const topAggregates: ReadonlyMap<string, number> = new Map([
  ['min', 1],
  ['max', 1],
  ['arg_min', 2],
  ['arg_max', 2],
  ['min_by', 2],
  ['max_by', 2],
  ['argmin', 2],
  ['argmax', 2],
]);

export const likeFunctions: ReadonlySet<string> = new Set(
  splitWords('~~ !~~ ~~* !~~* ~~~ like_escape not_like_escape ilike_escape not_ilike_escape'),
);
export const regexFunctions: ReadonlySet<string> = new Set(
  splitWords(
    '~ regexp_extract regexp_extract_all regexp_full_match regexp_matches regexp_replace regexp_split_to_array str_split_regex string_split_regex',
  ),
);
export const lambdaFunctions: ReadonlySet<string> = new Set(
  splitWords('apply array_apply array_filter array_transform filter list_apply list_filter list_transform'),
);
export const jsonPathFunctions: ReadonlySet<string> = new Set(
  splitWords('-> ->> json_exists json_extract json_extract_path json_extract_path_text json_extract_string json_value'),
);
export const paddingFunctions: ReadonlySet<string> = new Set(splitWords('repeat lpad rpad'));
export const rangeFunctions: ReadonlySet<string> = new Set(splitWords('range generate_series'));
export const formatFunctions: ReadonlySet<string> = new Set(splitWords('format printf strftime strptime try_strptime'));
const specialFunctions = [
  ...splitWords('array_to_string concat_ws list_string_agg replace'),
  ...lambdaFunctions,
  ...likeFunctions,
  ...regexFunctions,
  ...jsonPathFunctions,
  ...paddingFunctions,
  ...rangeFunctions,
  ...formatFunctions,
];

/** Macros of sql/prelude; they expand their arguments up to eight times. */
const builtInMacros = splitWords(`
  bucket_of_date bucket_of_epoch connector_state contains_text days_between epoch_s idiv in_period is_completed least_non_null local_date_of_epoch local_hour_of_epoch contains_ci
  meter_contradicts meter_difference epoch_micros quant equals_ci seconds_after session_end_s amount_until amount_between hash16 duration_text two_decimals fold_case
`);

const duckdbMacros = splitWords(`
  array_append array_pop_back array_pop_front array_prepend array_push_back array_push_front array_reverse array_to_string date_add days_in_month fdiv fmod geomean
  geometric_mean json json_group_array json_group_object list_append list_prepend list_reverse nullif round_even roundbankers split_part wavg weighted_avg
  list_any_value list_avg list_bool_and list_bool_or list_count list_entropy list_first list_last list_max list_median list_min list_mode list_product
  list_stddev_pop list_stddev_samp list_string_agg list_sum list_var_pop list_var_samp
`);

/** Maximum number of times a macro expands an argument. */
export const macroUses: ReadonlyMap<string, number> = new Map([
  ...duckdbMacros.map((name): [string, number] => [name, 2]),
  ...builtInMacros.map((name): [string, number] => [name, 8]),
]);

export type FunctionKind =
  'small' | 'part' | 'element' | 'joined' | 'searching' | 'growing' | 'top' | 'special' | { factor: number };

/** The kind of every allowed function, by its name in lower case. */
export const functionKinds: ReadonlyMap<string, FunctionKind> = new Map<string, FunctionKind>([
  ...[...smallFunctions, ...builtInMacros].map((name): [string, FunctionKind] => [name, 'small']),
  ...partFunctions.map((name): [string, FunctionKind] => [name, 'part']),
  ...elementFunctions.map((name): [string, FunctionKind] => [name, 'element']),
  ...concatFunctions.map((name): [string, FunctionKind] => [name, 'joined']),
  ...searchFunctions.map((name): [string, FunctionKind] => [name, 'searching']),
  ...[...growingAggregates].map((name): [string, FunctionKind] => [name, 'growing']),
  ...[...topAggregates.keys()].map((name): [string, FunctionKind] => [name, 'top']),
  ...Object.entries(wideningFunctions).flatMap(([factor, names]) =>
    names.map((name): [string, FunctionKind] => [name, { factor: Number(factor) }]),
  ),
  ...specialFunctions.map((name): [string, FunctionKind] => [name, 'special']),
]);

/** Functions allowed in `from`; each returns its rows one by one. */
export const tableFunctions: ReadonlySet<string> = new Set(
  splitWords('range generate_series unnest json_each json_tree'),
);

/** Aggregates that stay fast and small in a moving window; all others need a window over whole partitions. */
export const movingAggregates: ReadonlySet<string> = new Set(
  splitWords(`
  any_value arg_max arg_min avg bool_and bool_or corr count count_if count_star countif covar_pop covar_samp favg first fsum kahan_sum last max max_by mean min min_by product
  stddev stddev_pop stddev_samp sum sumkahan var_pop var_samp variance cume_dist dense_rank fill first_value lag last_value lead nth_value ntile percent_rank rank rank_dense row_number
`),
);

/** Types allowed in a cast: their values cannot grow by themselves. */
export const castTypes: ReadonlySet<string> = new Set(
  splitWords(`
  BOOLEAN TINYINT SMALLINT INTEGER BIGINT HUGEINT UTINYINT USMALLINT UINTEGER UBIGINT UHUGEINT FLOAT DOUBLE DECIMAL VARCHAR CHAR BLOB DATE TIME TIMESTAMP
  TIMESTAMP_S TIMESTAMP_MS TIMESTAMP_NS INTERVAL UUID LIST STRUCT MAP
`).concat('TIMESTAMP WITH TIME ZONE', 'TIME WITH TIME ZONE'),
);
