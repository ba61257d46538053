-- What became of lots whose packs have a rate of breakage (breakage.py).

-- name: postings
CREATE OR REPLACE TABLE all_rated AS
SELECT *, strftime(held_at, '%Y-%m') AS month
FROM ({postings} SELECT {columns}, NULL::INTEGER AS edition FROM new_postings)
WHERE list_contains($packs, pack)
  AND ($unit IS NULL OR unit = $unit)
  AND ($currency IS NULL OR currency = $currency);
CREATE OR REPLACE TABLE places AS SELECT DISTINCT month, edition, NULL::VARCHAR AS period FROM all_rated;

-- name: changes
-- What each entry did to each such lot, in the order of entries.
SELECT account, unit, lot, any_value(currency), any_value(pack), min(places.period),
       -coalesce(sum(credits), 0)::HUGEINT AS credits,
       -coalesce(sum(amount) FILTER (name = 'deferred_revenue' AND NOT transit), 0)::BIGINT AS deferred,
       coalesce(sum(credits) FILTER (cause IN ('recognised', 'reversed')), 0)::HUGEINT AS used,
       -coalesce(sum(amount) FILTER (name = 'breakage'), 0)::BIGINT AS broken,
       bool_or(cause NOT IN ('recognised', 'reversed', 'breakage')) AS rebases
FROM all_rated AS one
JOIN places ON places.month = one.month AND places.edition IS NOT DISTINCT FROM one.edition
WHERE places.period <= $period
GROUP BY account, unit, lot, seq
ORDER BY account, unit, lot, seq;

-- name: of_others
-- What ended unspent of lots whose packs have none.
SELECT currency, pack, -sum(amount)::BIGINT AS amount
FROM book
WHERE period = $period AND name = 'breakage' AND NOT coalesce(list_contains($packs, pack), false)
GROUP BY currency, pack
HAVING sum(amount) <> 0;
