-- Rules of customer segments come from files. DuckDB's parser reads them, the parse tree is checked against an allow-list, and
-- only the checked tree is evaluated.

-- Metrics a rule may compare with numbers, and metrics it may compare with strings.
create macro rule_numbers() as ['total_spent', 'purchase_count', 'order_count', 'average_order_value', 'session_count', 'event_count',
  'days_since_first_event', 'days_since_last_event', 'days_since_last_purchase', 'days_since_signup', 'lifetime_value', 'age'];
create macro rule_texts() as ['country', 'city', 'gender'];
create macro rule_metrics() as (rule_numbers() || rule_texts());

-- A rule without its string literals.
create macro unquoted(rule) as regexp_replace(rule, '''([^'']|'''')*''', ' ', 'g');

-- Whether a rule contains a word other than a metric, AND, OR and NOT.
create macro names_no_metric(rule) as (
  len(list_filter(regexp_extract_all(unquoted(rule), '[A-Za-z_]\w*'), lambda word: not list_contains(rule_metrics() || ['and', 'or', 'not'], lower(word)))) > 0
);

-- Whether a rule contains only comparisons, AND, OR, NOT, parentheses and white space, in any order. Numbers have at most as
-- many digits as a metric, so that comparing never fails.
create macro is_comparisons(rule) as regexp_full_match(rule,
  '(?i)([ \t\r\n]+|[()]|\b(and|or|not)\b'
  || '|\b(' || array_to_string(rule_numbers(), '|') || ')[ \t\r\n]*(<=|>=|<>|!=|=|<|>)[ \t\r\n]*-?[0-9]{1,12}(\.[0-9]{1,6})?\b'
  || '|\b(' || array_to_string(rule_texts(), '|') || ')[ \t\r\n]*(<>|!=|=)[ \t\r\n]*''([^'']|'''')*'')*'
);

-- Parse tree of a rule, as JSON. Long rules are not parsed: the time grows with the square of the length.
create macro rule_tree(rule) as (case when char_length(rule) <= 1000 then json_serialize_sql('select ' || rule) end);

-- A select without its list: from, where, group by, limit and so on.
create macro without_select_list(tree) as json_merge_patch(json_extract(tree, '$.statements[0].node'), '{"select_list": null}');

-- Whether a parse tree is one condition on metrics and constants, and nothing else. Types of nodes are strings; types of
-- constants are objects, which the filter on '{%' leaves out. Examples: age > 30 and country = 'US' passes; age > 30 limit 1 fails
-- on the rest of the select, age > 30 as x on the alias, sum(age) > 30 on the node type, salary > 30 on the column name.
create macro is_condition(tree) as (
  case when tree is not null then coalesce(json_array_length(tree, '$.statements') = 1 and json_array_length(tree, '$.statements[0].node.select_list') = 1
    and without_select_list(tree) = without_select_list(rule_tree('true')) and list_has_all([''], json_extract_string(tree, '$..alias'))
    and list_has_all(['SELECT_NODE', 'EMPTY', 'CONJUNCTION_AND', 'CONJUNCTION_OR', 'OPERATOR_NOT', 'COMPARE_EQUAL', 'COMPARE_NOTEQUAL', 'COMPARE_LESSTHAN',
          'COMPARE_GREATERTHAN', 'COMPARE_LESSTHANOREQUALTO', 'COMPARE_GREATERTHANOREQUALTO', 'COLUMN_REF', 'VALUE_CONSTANT', 'DECIMAL_TYPE_INFO'],
        list_filter(json_extract_string(tree, '$..type'), lambda type: type not like '{%'))
    and list_has_all(list_transform(rule_metrics(), lambda metric: '["' || metric || '"]'),
        list_transform(json_extract_string(tree, '$..column_names'), lambda names: lower(names))), false) end
);

create macro is_rule(rule) as (
  char_length(rule) <= 1000 and not names_no_metric(rule) and is_comparisons(rule) and is_condition(rule_tree(rule))
);

-- A valid rule as SQL made from its parse tree, fully parenthesized.
create macro rule_condition(rule) as substr(json_deserialize_sql(rule_tree(rule)), 8);

-- Whether a customer with these metrics meets the rule of a segment. A placeholder: before a report runs, a macro made from the
-- imported segments replaces it.
create macro meets_rule(segment, total_spent, purchase_count, order_count, average_order_value, session_count, event_count,
  days_since_first_event, days_since_last_event, days_since_last_purchase, days_since_signup, lifetime_value, age, country, city, gender) as (false);
