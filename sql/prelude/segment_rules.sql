-- Rules of customer segments are texts of a file: the parser reads them, what it read is checked against what is allowed, and
-- only that is ever evaluated.

-- Metrics a rule may compare with numbers, and those it may compare with texts.
create macro rule_numbers() as ['total_spent', 'purchase_count', 'order_count', 'average_order_value', 'session_count', 'event_count',
  'days_since_first_event', 'days_since_last_event', 'days_since_last_purchase', 'days_since_signup', 'lifetime_value', 'age'];
create macro rule_texts() as ['country', 'city', 'gender'];
create macro rule_metrics() as (rule_numbers() || rule_texts());

-- A rule without its quoted texts.
create macro unquoted(rule) as regexp_replace(rule, '''([^'']|'''')*''', ' ', 'g');

-- Whether it names something that is neither a metric nor AND, OR, NOT.
create macro names_no_metric(rule) as (
  len(list_filter(regexp_extract_all(unquoted(rule), '[A-Za-z_]\w*'), lambda word: not list_contains(rule_metrics() || ['and', 'or', 'not'], lower(word)))) > 0
);

-- Whether it is comparisons, AND, OR, NOT, parentheses and blanks, whatever they make together. Numbers are no longer than
-- a metric's own, so that comparing never fails.
create macro is_comparisons(rule) as regexp_full_match(rule,
  '(?i)([ \t\r\n]+|[()]|\b(and|or|not)\b'
  || '|\b(' || array_to_string(rule_numbers(), '|') || ')[ \t\r\n]*(<=|>=|<>|!=|=|<|>)[ \t\r\n]*-?[0-9]{1,12}(\.[0-9]{1,6})?\b'
  || '|\b(' || array_to_string(rule_texts(), '|') || ')[ \t\r\n]*(<>|!=|=)[ \t\r\n]*''([^'']|'''')*'')*'
);

-- What the parser reads, as JSON. A rule that is too long is not read: the time it takes grows with the square of its length.
create macro rule_tree(rule) as (case when char_length(rule) <= 1000 then json_serialize_sql('select ' || rule) end);

-- What of a statement stands beside its list: where, group by, limit and the like.
create macro beside_list(tree) as json_merge_patch(json_extract(tree, '$.statements[0].node'), '{"select_list": null}');

-- Whether that is one condition of metrics and constants without a name, and nothing else. Types of nodes are texts, types of
-- constants objects.
create macro is_condition(tree) as (
  case when tree is not null then coalesce(json_array_length(tree, '$.statements') = 1 and json_array_length(tree, '$.statements[0].node.select_list') = 1
    and beside_list(tree) = beside_list(rule_tree('true')) and list_has_all([''], json_extract_string(tree, '$..alias'))
    and list_has_all(['SELECT_NODE', 'EMPTY', 'CONJUNCTION_AND', 'CONJUNCTION_OR', 'OPERATOR_NOT', 'COMPARE_EQUAL', 'COMPARE_NOTEQUAL', 'COMPARE_LESSTHAN',
          'COMPARE_GREATERTHAN', 'COMPARE_LESSTHANOREQUALTO', 'COMPARE_GREATERTHANOREQUALTO', 'COLUMN_REF', 'VALUE_CONSTANT', 'DECIMAL_TYPE_INFO'],
        list_filter(json_extract_string(tree, '$..type'), lambda type: type not like '{%'))
    and list_has_all(list_transform(rule_metrics(), lambda metric: '["' || metric || '"]'),
        list_transform(json_extract_string(tree, '$..column_names'), lambda names: lower(names))), false) end
);

create macro is_rule(rule) as (
  char_length(rule) <= 1000 and not names_no_metric(rule) and is_comparisons(rule) and is_condition(rule_tree(rule))
);

-- A sound rule as the parser reads it, with all its parentheses.
create macro rule_condition(rule) as substr(json_deserialize_sql(rule_tree(rule)), 8);

-- Whether a customer of these metrics meets the rule of a segment. This one knows no rules: where a report asks, one made of the
-- segments there are stands in its place.
create macro meets_rule(segment, total_spent, purchase_count, order_count, average_order_value, session_count, event_count,
  days_since_first_event, days_since_last_event, days_since_last_purchase, days_since_signup, lifetime_value, age, country, city, gender) as (false);
