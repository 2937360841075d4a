-- Kinds of shop events, in the words of different shop systems.

create macro is_view(event_type) as (coalesce(fold_case(event_type) in ('view', 'page_view', 'pageview', 'product_view', 'view_item', 'view_product'), false));
create macro is_cart(event_type) as (coalesce(fold_case(event_type) in ('cart', 'add_to_cart', 'addtocart', 'add-to-cart', 'begin_checkout', 'checkout'), false));

-- A refund is a refund event, or a purchase of a negative quantity.
create macro is_refund(event_type, quantity) as (coalesce(fold_case(event_type) = 'refund' or (fold_case(event_type) = 'purchase' and quantity < 0), false));
create macro is_purchase(event_type, quantity) as (coalesce(fold_case(event_type) = 'purchase' and coalesce(quantity, 1) >= 0, false));

-- Amount of an event: price times quantity (default 1); negative for a refund, whatever the signs in the file. Null for other
-- events and without a price.
create macro spent_amount(event_type, price, quantity) as (
  case when is_refund(event_type, quantity) then -abs(price * coalesce(quantity, 1))
       when is_purchase(event_type, quantity) then price * coalesce(quantity, 1) end
);

-- Whole days between two instants.
create macro days_between(earlier, later) as idiv(epoch_micros(later) - epoch_micros(earlier), 86400000000);
