-- What became of lots whose packs have a rate of breakage (breakage.py).

-- name: lots
-- Lots whose packs have a rate, and to which something happened in the month, or whose rate has changed: as the month
-- ended, and as it began.
SELECT one.currency, one.pack, one.deferred, one.broken,
       list_transform(one.stretches, lambda x: [x.basis, x.credits, x.used]),
       past.deferred, past.broken, list_transform(past.stretches, lambda x: [x.basis, x.credits, x.used])
FROM lots AS one
LEFT JOIN lots_before AS past USING (account, unit, lot)
WHERE list_contains($packs, one.pack)
  AND ($unit IS NULL OR unit = $unit)
  AND ($currency IS NULL OR one.currency = $currency)
  AND (list_contains($changed, one.pack) OR one.stretches IS DISTINCT FROM past.stretches
       OR one.deferred IS DISTINCT FROM past.deferred OR one.broken IS DISTINCT FROM past.broken);

-- name: of_others
-- What ended unspent of lots whose packs have none.
SELECT currency, pack, -sum(amount)::BIGINT AS amount
FROM book
WHERE period = $period AND name = 'breakage' AND NOT coalesce(list_contains($packs, pack), false)
GROUP BY currency, pack
HAVING sum(amount) <> 0;
