-- Views of the books that reports are made of (books.py).

-- name: totals
-- Sums of postings, with the month that they are booked in. `late_for` is the closed month that they are late for.
-- What was booked before the month is summed up by month ({months}), where the edition has such sums.
CREATE OR REPLACE TABLE new_months (
    unit VARCHAR, month VARCHAR, cause VARCHAR, currency VARCHAR, name VARCHAR, tax_point VARCHAR, country VARCHAR,
    edition INTEGER, amount BIGINT
);
CREATE OR REPLACE VIEW all_totals AS
SELECT *, strftime(held_on, '%Y-%m') AS month, false AS summed
FROM ({totals} SELECT * EXCLUDE (day), NULL::INTEGER AS edition FROM new_totals)
UNION ALL BY NAME
SELECT *, true AS summed FROM {months};
CREATE OR REPLACE TABLE places AS SELECT DISTINCT month, edition, NULL::VARCHAR AS period FROM all_totals;

-- name: accounts
CREATE OR REPLACE VIEW all_accounts AS
SELECT *, false AS summed
FROM ({accounts} SELECT * EXCLUDE (day), NULL::INTEGER AS edition FROM new_accounts);
CREATE OR REPLACE TABLE places AS SELECT DISTINCT month, edition, NULL::VARCHAR AS period FROM all_accounts;

-- name: lines
CREATE OR REPLACE VIEW all_lines AS
SELECT *, strftime(held_at, '%Y-%m') AS month FROM ({postings} SELECT {lines}, NULL::INTEGER AS edition FROM new_postings);
CREATE OR REPLACE TABLE places AS SELECT DISTINCT month, edition, NULL::VARCHAR AS period FROM all_lines;

-- name: unplaced
SELECT month, edition FROM places;

-- name: place
CREATE OR REPLACE TABLE places AS
SELECT unnest($months::VARCHAR[]) AS month, unnest($editions::INTEGER[]) AS edition,
       unnest($periods::VARCHAR[]) AS period;

-- name: book
-- Where months are summed up ($summed), sums stand for the days of those before. What came since is in no sum.
CREATE OR REPLACE TABLE book AS
SELECT one.* EXCLUDE (edition), one.edition, places.period,
       CASE WHEN places.period <> one.month THEN one.month END AS late_for
FROM all_{kind} AS one
JOIN places ON places.month = one.month AND places.edition IS NOT DISTINCT FROM one.edition
WHERE places.period <= $period
  AND (NOT $summed OR one.edition IS NULL OR one.summed = (places.period < $period))
  AND ($unit IS NULL OR one.unit = $unit)
  AND ($currency IS NULL OR one.currency = $currency);

-- name: booked_months
SELECT DISTINCT period FROM book;

-- name: currencies
SELECT DISTINCT currency FROM book WHERE period = $period AND amount <> 0 ORDER BY currency;

-- name: settlements
CREATE OR REPLACE VIEW all_settlements AS
SELECT *, strftime(held_at, '%Y-%m') AS month
FROM ({settlements} SELECT * EXCLUDE (day), NULL::INTEGER AS edition FROM new_settlements);
CREATE OR REPLACE TABLE places AS SELECT DISTINCT month, edition, NULL::VARCHAR AS period FROM all_settlements;

-- name: moved
CREATE OR REPLACE TABLE moved AS
SELECT provider, type, currency, sum(amount)::BIGINT AS amount
FROM all_settlements AS one
JOIN places ON places.month = one.month AND places.edition IS NOT DISTINCT FROM one.edition
WHERE places.period <= $period
GROUP BY ALL;

-- name: trial_balance
SELECT currency, name AS account,
       (sum(amount) FILTER (period < $period))::BIGINT AS opening,
       (sum(amount) FILTER (period = $period))::BIGINT AS movement,
       sum(amount)::BIGINT AS amount
FROM book
GROUP BY currency, name
HAVING sum(amount) <> 0
ORDER BY currency, name;

-- name: roll_forward
-- What was earned with the last money of a lot, as it was paid back, is recognised, and not paid back.
WITH moved AS (
    SELECT currency, cause, period,
           coalesce(sum(amount) FILTER (name = 'deferred_revenue'), 0)::BIGINT AS deferred,
           coalesce(sum(amount) FILTER (name = 'revenue' AND cause IN ('refunded', 'charged_back', 'moved')), 0)::BIGINT AS earned,
           coalesce(sum(amount) FILTER (name IN ('refunds', 'bad_debt')), 0)::BIGINT AS given_back
    FROM book
    WHERE unit IS NOT NULL
    GROUP BY currency, cause, period
)
SELECT currency,
       -(sum(deferred) FILTER (period < $period))::BIGINT AS opening,
       -(sum(deferred) FILTER (period = $period AND cause = 'sold'))::BIGINT AS sold,
       ((coalesce(sum(deferred) FILTER (period = $period AND cause IN ('recognised', 'reversed')), 0))
           - coalesce(sum(earned) FILTER (period = $period), 0))::BIGINT AS recognised,
       (sum(deferred) FILTER (period = $period AND cause = 'breakage'))::BIGINT AS breakage,
       (sum(deferred + earned) FILTER (period = $period AND cause = 'refunded'))::BIGINT AS refunded,
       (sum(deferred + earned) FILTER (period = $period AND cause = 'charged_back'))::BIGINT AS charged_back,
       -(sum(deferred + earned) FILTER (period = $period AND cause = 'moved'))::BIGINT AS moved,
       -sum(deferred)::BIGINT AS closing,
       (sum(given_back) FILTER (period = $period AND cause = 'refunded'))::BIGINT AS given_back_refunded,
       (sum(given_back) FILTER (period = $period AND cause = 'charged_back'))::BIGINT AS given_back_charged_back
FROM moved
GROUP BY currency
ORDER BY currency;

-- name: revenue
-- By day, meter, pack or account. What is late for a closed month is of the first day of the one that it is booked in.
SELECT currency, {by} AS what, -sum(amount)::BIGINT AS amount
FROM book
WHERE period = $period AND name = 'revenue'
GROUP BY currency, what
HAVING sum(amount) <> 0
ORDER BY currency, what;

-- name: breakage
SELECT currency, kind, -sum(amount)::BIGINT AS amount
FROM book
WHERE period = $period AND name = 'breakage'
GROUP BY currency, kind
HAVING sum(amount) <> 0
ORDER BY currency, kind;

-- name: cash
SELECT currency, substr(name, 6) AS provider,
       CASE cause WHEN 'sold' THEN 'in' ELSE cause END AS line, sum(amount)::BIGINT AS amount
FROM book
WHERE period = $period AND starts_with(name, 'cash.')
GROUP BY ALL
HAVING sum(amount) <> 0
ORDER BY ALL;

-- name: clearing
-- Of each provider whose movements are known: what the books have there at the month's end, what its balance has, and
-- what it has set aside. What is neither is on its way.
WITH booked AS (
    SELECT currency, substr(name, 6) AS provider, sum(amount)::BIGINT AS amount
    FROM book
    WHERE starts_with(name, 'cash.')
    GROUP BY ALL
),
listed AS (
    SELECT currency, provider, sum(amount)::BIGINT AS amount,
           -coalesce(sum(amount) FILTER (type = 'reserve'), 0)::BIGINT AS reserved
    FROM moved
    GROUP BY ALL
)
SELECT currency, provider, coalesce(booked.amount, 0), coalesce(listed.amount, 0), coalesce(listed.reserved, 0)
FROM booked
FULL JOIN listed USING (currency, provider)
WHERE provider IN (SELECT provider FROM moved) AND ($currency IS NULL OR currency = $currency)
ORDER BY ALL;

-- name: tax
-- What is taxable: of tax that is due at the purchase, what was paid without it; of the other, what was earned.
WITH taxed AS (
    SELECT currency, coalesce(country, 'unknown') AS country, coalesce(tax_point, 'purchase') AS tax_point, period,
           -coalesce(sum(amount) FILTER (name = 'tax_payable'), 0)::BIGINT AS payable,
           -coalesce(sum(amount) FILTER (name = 'tax_deferred'), 0)::BIGINT AS deferred,
           coalesce(sum(amount) FILTER (starts_with(name, 'cash.')), 0)::BIGINT AS paid,
           -coalesce(sum(amount) FILTER (name IN ('revenue', 'refunds', 'bad_debt')), 0)::BIGINT AS earned
    FROM book
    WHERE unit IS NOT NULL
    GROUP BY ALL
)
SELECT currency, country, tax_point,
       (sum(CASE tax_point WHEN 'redemption' THEN earned ELSE paid - payable END) FILTER (period = $period))::BIGINT
           AS taxable,
       (sum(payable) FILTER (period = $period))::BIGINT AS amount,
       sum(deferred)::BIGINT AS tax_deferred
FROM taxed
GROUP BY currency, country, tax_point
ORDER BY currency, country, tax_point;

-- name: remitted
-- What providers paid of it to states in our place: negative.
SELECT currency, substr(name, 6) AS provider, sum(amount)::BIGINT AS amount
FROM book
WHERE period = $period AND cause = 'tax' AND starts_with(name, 'cash.')
GROUP BY ALL
HAVING sum(amount) <> 0
ORDER BY ALL;

-- name: positions
-- Each lot with cost basis as of an instant ($at, epoch milliseconds): what an edition knew, and what came after it.
CREATE OR REPLACE TABLE later AS
SELECT account, unit, lot, seq, currency, name, amount, transit, held_at FROM ({postings}
    SELECT account, unit, lot, seq, currency, name, amount, transit, held_at FROM new_postings)
WHERE held_at <= epoch_ms($at) AND unit IS NOT NULL;
CREATE OR REPLACE TABLE later_lots AS
SELECT account, unit, lot, seq, currency, made, expires_at, held_at FROM ({lots}
    SELECT account, unit, lot, seq, currency, made, expires_at, held_at FROM new_lots)
WHERE held_at <= epoch_ms($at);
CREATE OR REPLACE TABLE standing AS
WITH ends AS (
    SELECT account, unit, lot, arg_max({'ends': expires_at}, seq) AS said, any_value(currency) AS currency
    FROM later_lots
    GROUP BY account, unit, lot
),
moved AS (
    SELECT account, unit, lot, -sum(amount) FILTER (name = 'deferred_revenue' AND NOT transit) AS deferred
    FROM later
    GROUP BY account, unit, lot
),
base AS (SELECT account, unit, lot, currency, expires_at, deferred FROM {base})
SELECT account, unit, lot, coalesce(base.currency, ends.currency) AS currency,
       CASE WHEN said IS NULL THEN base.expires_at ELSE said.ends END AS expires_at,
       (coalesce(base.deferred, 0) + coalesce(moved.deferred, 0))::BIGINT AS deferred
FROM base
FULL JOIN ends USING (account, unit, lot)
FULL JOIN moved USING (account, unit, lot)
WHERE ($unit IS NULL OR unit = $unit)
  AND ($currency IS NULL OR coalesce(base.currency, ends.currency) = $currency);

-- name: liability_aged
SELECT currency,
       CASE
           WHEN expires_at IS NULL THEN 'never'
           WHEN expires_at <= $at THEN 'ended'
           WHEN expires_at <= $at + 30 * 86400000::BIGINT THEN '0-30d'
           WHEN expires_at <= $at + 90 * 86400000::BIGINT THEN '31-90d'
           WHEN expires_at <= $at + 365 * 86400000::BIGINT THEN '91-365d'
           ELSE 'over-365d'
       END AS bucket,
       sum(deferred)::BIGINT AS amount
FROM standing
GROUP BY ALL
HAVING sum(deferred) <> 0
ORDER BY ALL;

-- name: liability_by_account
SELECT currency, account, sum(deferred)::BIGINT AS amount
FROM standing
WHERE currency IS NOT NULL
GROUP BY ALL
ORDER BY ALL;
