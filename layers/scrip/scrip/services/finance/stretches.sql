-- What became of lots of packs, of which some may be expected to be left unspent (stretches.py).

-- name: nothing
CREATE OR REPLACE TABLE {name} (
    account VARCHAR, unit VARCHAR, lot BIGINT, currency VARCHAR, pack VARCHAR, deferred BIGINT, broken BIGINT,
    credits DECIMAL(38, 0), stretches STRUCT(basis BIGINT, credits DECIMAL(38, 0), used DECIMAL(38, 0))[]
);

-- name: known
CREATE OR REPLACE TABLE {name} AS FROM read_parquet($paths);

-- name: after
-- Each lot of a pack after some lines of postings ({lines}), where {known} has those before them: what it has left, what
-- of it ended unspent, and its stretches, each from something that changed its basis to the next such.
CREATE OR REPLACE TABLE {name} AS
WITH steps AS (
    SELECT account, unit, lot, seq, any_value(currency) AS currency, any_value(pack) AS pack,
           -coalesce(sum(credits), 0) AS credits,
           -coalesce(sum(amount) FILTER (name = 'deferred_revenue' AND NOT transit), 0) AS deferred,
           coalesce(sum(credits) FILTER (cause IN ('recognised', 'reversed')), 0) AS used,
           -coalesce(sum(amount) FILTER (name = 'breakage'), 0) AS broken,
           bool_or(cause NOT IN ('recognised', 'reversed', 'breakage')) AS rebases
    FROM {lines}
    WHERE pack IS NOT NULL
    GROUP BY account, unit, lot, seq
),
running AS (
    SELECT one.*, coalesce(known.deferred, 0) + sum(one.deferred) OVER earlier AS basis,
           coalesce(known.credits, 0) + sum(one.credits) OVER earlier AS has,
           rebases OR (known.lot IS NULL AND row_number() OVER earlier = 1) AS starts
    FROM steps AS one
    LEFT JOIN {known} AS known USING (account, unit, lot)
    WINDOW earlier AS (PARTITION BY account, unit, lot ORDER BY seq)
),
numbered AS (
    SELECT *, count_if(starts) OVER (PARTITION BY account, unit, lot ORDER BY seq) AS number FROM running
),
made AS (
    SELECT account, unit, lot, number, max(basis) FILTER (starts) AS basis, max(has) FILTER (starts) AS credits,
           coalesce(sum(used) FILTER (NOT starts), 0) AS used
    FROM numbered
    GROUP BY account, unit, lot, number
),
-- What was used before the first of them belongs to the last one that was known.
added AS (
    SELECT account, unit, lot, coalesce(sum(used) FILTER (number = 0), 0) AS used,
           list({
               'basis': basis::BIGINT, 'credits': credits::DECIMAL(38, 0), 'used': used::DECIMAL(38, 0)
           } ORDER BY number) FILTER (number > 0) AS stretches
    FROM made
    GROUP BY account, unit, lot
),
moved AS (
    SELECT account, unit, lot, any_value(currency) AS currency, any_value(pack) AS pack, sum(deferred) AS deferred,
           sum(broken) AS broken, sum(credits) AS credits
    FROM steps
    GROUP BY account, unit, lot
)
SELECT account, unit, lot, coalesce(known.currency, moved.currency) AS currency,
       coalesce(known.pack, moved.pack) AS pack,
       (coalesce(known.deferred, 0) + coalesce(moved.deferred, 0))::BIGINT AS deferred,
       (coalesce(known.broken, 0) + coalesce(moved.broken, 0))::BIGINT AS broken,
       (coalesce(known.credits, 0) + coalesce(moved.credits, 0))::DECIMAL(38, 0) AS credits,
       list_concat(
           list_transform(known.stretches, lambda one, place: CASE
               WHEN added.used <> 0 AND place = len(known.stretches)
               THEN {'basis': one.basis, 'credits': one.credits, 'used': (one.used + added.used)::DECIMAL(38, 0)}
               ELSE one
           END),
           added.stretches
       ) AS stretches
FROM {known} AS known
FULL JOIN moved USING (account, unit, lot)
LEFT JOIN added USING (account, unit, lot);
