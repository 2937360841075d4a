-- Events and amounts of web analytics and payment systems, for mappings. For input it does not understand, a macro returns null or the
-- unchanged text; the cast of the column then reports the error.

-- Event type for customer_events of an event in the words of the e-commerce specification of Segment; other events keep their name.
create macro shop_event(name) as (
  case regexp_replace(lower(name), '[ _$-]+', ' ', 'g')
    when 'product viewed' then 'view' when 'product added' then 'add_to_cart' when 'checkout started' then 'checkout'
    when 'order completed' then 'purchase' when 'order refunded' then 'refund' when ' pageview' then 'page_view' when 'page viewed' then 'page_view'
    else name end
);

-- A list of products in the properties of an event, as JSON; an empty list if it has none.
create macro order_products(properties) as (
  case when json_valid(properties) then case when json_type(properties, '$.products') = 'ARRAY' then json_extract(properties, '$.products')::varchar end end
);

-- Price of all products of an order: the sum of price times quantity (default 1), as text.
create macro products_amount(properties) as (
  case when order_products(properties) is not null then
    list_sum(list_transform(json_extract(order_products(properties), '$[*]'), lambda each:
      try_cast(json_extract_string(each, '$.price') as decimal(18, 6)) * coalesce(try_cast(json_extract_string(each, '$.quantity') as bigint), 1)))::decimal(18, 6)::varchar end
);

-- Product of an event: its own, or the only one of an order.
create macro event_product(properties) as (
  coalesce(member(properties, '$.product_id'), member(properties, '$.sku'),
    case when json_array_length(order_products(properties)) = 1
         then coalesce(json_extract_string(order_products(properties), '$[0].product_id'), json_extract_string(order_products(properties), '$[0].sku')) end)
);

-- Amount of an event: the revenue or total of an order, else the price of its products; the price of a product.
create macro event_price(name, properties) as (
  case when shop_event(name) = 'purchase' then coalesce(member(properties, '$.revenue'), member(properties, '$.total'), member(properties, '$.value'), products_amount(properties), member(properties, '$.price'))
       when shop_event(name) = 'refund' then coalesce(member(properties, '$.total'), member(properties, '$.revenue'), member(properties, '$.value'), products_amount(properties), member(properties, '$.price'))
       else member(properties, '$.price') end
);

-- Quantity of an event: 1 for an order, whose amount is that of all products, and -1 for a refund.
create macro event_quantity(name, properties) as (
  case when shop_event(name) = 'purchase' then '1' when shop_event(name) = 'refund' then '-1' else member(properties, '$.quantity') end
);

-- An amount in minor units of a currency, such as cents, in the currency: 1999 of usd is 19.99, and 500 of jpy is 500.
create macro major_units(t, currency) as (
  case when upper(currency) in ('BIF', 'CLP', 'DJF', 'GNF', 'JPY', 'KMF', 'KRW', 'MGA', 'PYG', 'RWF', 'VND', 'VUV', 'XAF', 'XOF', 'XPF') then t
       when upper(currency) in ('BHD', 'JOD', 'KWD', 'OMR', 'TND') then times(t, 0.001)
       else times(t, 0.01) end
);

-- Whether a written amount is missing or 0.
create macro is_zero_amount(t) as (regexp_full_match(coalesce(t, '0'), '[0.,]*'));
