-- The journal: what each entry posts in one currency, in the month that it is booked in (journals.py).

-- name: posted
CREATE OR REPLACE VIEW all_postings AS
SELECT *, strftime(held_at, '%Y-%m') AS month
FROM ({postings});
CREATE OR REPLACE TABLE places AS SELECT DISTINCT month, edition, NULL::VARCHAR AS period FROM all_postings;

-- name: journal
-- Debits and credits of one account stand by themselves: both halves of a transfer are seen.
CREATE OR REPLACE VIEW journal AS
WITH placed AS (
    SELECT one.*, places.period, CASE WHEN places.period <> one.month THEN one.month END AS late_for
    FROM all_postings AS one
    JOIN places ON places.month = one.month AND places.edition IS NOT DISTINCT FROM one.edition
    WHERE one.amount <> 0
),
lines AS (
    SELECT entry_id, account, unit, seq, kind, held_at, recorded_at, currency, period, late_for, name,
           amount > 0 AS debit, sum(amount)::BIGINT AS amount
    FROM placed
    GROUP BY ALL
)
SELECT entry_id, account, unit, seq, kind, held_at, recorded_at, currency, period, late_for,
       list({'account': name, 'amount': amount} ORDER BY debit DESC, name) AS lines
FROM lines
GROUP BY ALL;

-- name: of_period
SELECT entry_id, account, unit, seq, kind, strftime(held_at, '%Y-%m-%dT%H:%M:%S.%gZ') AS "at",
       strftime(recorded_at, '%Y-%m-%dT%H:%M:%S.%gZ') AS recorded_at, currency, late_for, lines
FROM journal
WHERE period = $period
ORDER BY held_at, account, unit, seq, entry_id, currency
