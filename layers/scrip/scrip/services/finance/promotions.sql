-- What promotions gave, and what became of it (promotions.py).

-- name: gifts
-- Credits of lots without cost basis, entry by entry.
CREATE OR REPLACE VIEW all_gifts AS
SELECT *, strftime(held_at, '%Y-%m') AS month
FROM ({gifts} SELECT {columns}, NULL::INTEGER AS edition FROM new_gifts);
CREATE OR REPLACE TABLE places AS SELECT DISTINCT month, edition, NULL::VARCHAR AS period FROM all_gifts;

-- name: promotions
-- Steps by unit and promotion. A lot is a promotion's if the entry that made it says so, also where credits moved.
WITH given AS (
    SELECT account, unit, lot, promotion FROM all_gifts WHERE promotion IS NOT NULL AND ($unit IS NULL OR unit = $unit)
),
moved AS (
    SELECT one.unit, given.promotion, one.cause, one.credits, places.period
    FROM all_gifts AS one
    JOIN given USING (account, unit, lot)
    JOIN places ON places.month = one.month AND places.edition IS NOT DISTINCT FROM one.edition
    WHERE places.period <= $period
)
SELECT unit, promotion,
       count(*) FILTER (period = $period AND cause = 'issued') AS redemptions,
       -coalesce(sum(credits) FILTER (period < $period), 0) AS opening,
       -coalesce(sum(credits) FILTER (period = $period AND cause = 'issued'), 0) AS issued,
       coalesce(sum(credits) FILTER (period = $period AND cause = 'burned'), 0) AS burned,
       coalesce(sum(credits) FILTER (period = $period AND cause = 'expired'), 0) AS expired,
       coalesce(sum(credits) FILTER (period = $period AND cause = 'taken_back'), 0) AS taken_back,
       -coalesce(sum(credits) FILTER (period = $period AND cause = 'moved'), 0) AS moved,
       -sum(credits) AS closing
FROM moved
GROUP BY unit, promotion
HAVING sum(credits) <> 0 OR count(*) FILTER (period = $period) > 0
ORDER BY unit, promotion;
