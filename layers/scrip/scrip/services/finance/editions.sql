-- What an edition of the archive is made of, in the order in which it is worked out (editions.py).

-- name: nothing_before
-- Tables as the edition before leaves them, where there is none.
CREATE TABLE known (account VARCHAR, unit VARCHAR, seq BIGINT, hash VARCHAR, held_at BIGINT);

-- name: nothing_held
CREATE TABLE held (
    account VARCHAR, unit VARCHAR, lot BIGINT, currency VARCHAR, origin VARCHAR, pack VARCHAR, pack_version BIGINT,
    tax_point VARCHAR, made_at TIMESTAMP, expires_at BIGINT, cost BIGINT, tax BIGINT, granted DECIMAL(38, 0),
    deferred BIGINT, tax_deferred BIGINT, credits DECIMAL(38, 0), country VARCHAR
);

-- name: before
-- How far each wallet had come.
CREATE TABLE known AS FROM read_parquet($heads);

-- name: held
-- Every lot with cost basis.
-- Files of before say nothing of countries.
CREATE TABLE held AS
FROM read_parquet($positions)
UNION ALL BY NAME
SELECT NULL::VARCHAR AS country WHERE false;

-- name: held_of_what_came
-- Those of wallets of which something has come.
CREATE TABLE held AS
FROM read_parquet($positions)
WHERE (account, unit) IN (SELECT (account, unit) FROM came)
UNION ALL BY NAME
SELECT NULL::VARCHAR AS country WHERE false;

-- name: unmoved
-- Whether all wallets are where the edition before knew them.
SELECT NOT EXISTS (
    FROM heads
    FULL JOIN known USING (account, unit)
    WHERE heads.seq IS DISTINCT FROM known.seq OR heads.hash <> known.hash
);

-- name: nothing_new
-- Tables of what has come since, where that is nothing: what `new` makes of nothing takes many times as long.
CREATE TABLE new_lots (
    account VARCHAR, unit VARCHAR, lot BIGINT, seq BIGINT, held_at TIMESTAMP, made BOOLEAN, origin VARCHAR, pack VARCHAR,
    pack_version BIGINT, currency VARCHAR, cost BIGINT, tax BIGINT, tax_point VARCHAR, granted DECIMAL(38, 0),
    expires_at BIGINT, country VARCHAR, day VARCHAR
);
CREATE TABLE new_postings (
    account VARCHAR, unit VARCHAR, seq BIGINT, entry_id VARCHAR, kind VARCHAR, held_at TIMESTAMP, recorded_at TIMESTAMP,
    number BIGINT, line BIGINT, cause VARCHAR, currency VARCHAR, lot BIGINT, meter VARCHAR, credits DECIMAL(38, 0),
    name VARCHAR, amount BIGINT, transit BOOLEAN, origin VARCHAR, pack VARCHAR, pack_version BIGINT, tax_point VARCHAR,
    country VARCHAR, day VARCHAR
);
CREATE TABLE new_totals (
    unit VARCHAR, held_on DATE, kind VARCHAR, cause VARCHAR, currency VARCHAR, name VARCHAR, transit BOOLEAN,
    meter VARCHAR, origin VARCHAR, pack VARCHAR, pack_version BIGINT, tax_point VARCHAR, country VARCHAR, amount BIGINT,
    credits DECIMAL(38, 0), day VARCHAR
);
CREATE TABLE new_accounts (
    account VARCHAR, unit VARCHAR, month VARCHAR, kind VARCHAR, cause VARCHAR, currency VARCHAR, name VARCHAR,
    transit BOOLEAN, amount BIGINT, day VARCHAR
);
CREATE TABLE new_gifts (
    account VARCHAR, unit VARCHAR, lot BIGINT, seq BIGINT, kind VARCHAR, held_at TIMESTAMP, cause VARCHAR,
    credits DECIMAL(38, 0), promotion VARCHAR, day VARCHAR
);
CREATE TABLE new_settlements (
    provider VARCHAR, id VARCHAR, type VARCHAR, kind VARCHAR, amount BIGINT, currency VARCHAR, held_at TIMESTAMP,
    recorded_at TIMESTAMP, subject VARCHAR, payment_id VARCHAR, paid BIGINT, paid_currency VARCHAR, day VARCHAR
);

-- name: heads
CREATE TABLE heads AS FROM read_csv(
    $path, delim = '\t', header = false, quote = '', escape = '', auto_detect = false,
    columns = {account: 'VARCHAR', unit: 'VARCHAR', seq: 'BIGINT', hash: 'VARCHAR'}
);

-- name: came
-- Entries of batches that are new, each once.
INSERT INTO came
SELECT DISTINCT ON (account, unit, seq, hash) new.*
FROM read_json($paths, format = 'newline_delimited', columns = {{members}}, maximum_object_size = 33554432) AS new
LEFT JOIN known USING (account, unit)
WHERE new.seq > coalesce(known.seq, 0)
  AND NOT EXISTS (
      FROM came
      WHERE came.account = new.account AND came.unit = new.unit AND came.seq = new.seq AND came.hash = new.hash
  );

-- name: settled
-- What moved at providers and is in no edition.
INSERT INTO settled
FROM read_json($path, format = 'newline_delimited', columns = {{members}}, maximum_object_size = 33554432);

-- name: doubtful
-- Entries of wallets that batches tell otherwise than the ledger: two with one number, one that does not follow the one
-- before it, or another one than the wallet's last. Such came before the tables were restored to an earlier instant.
DELETE FROM came
WHERE (account, unit) IN (
    SELECT (account, unit) FROM came GROUP BY account, unit, seq HAVING count(DISTINCT hash) > 1
    UNION ALL
    SELECT (came.account, came.unit) FROM came JOIN heads USING (account, unit, seq) WHERE came.hash <> heads.hash
    UNION ALL
    SELECT (came.account, came.unit)
    FROM came
    JOIN came AS earlier
        ON earlier.account = came.account AND earlier.unit = came.unit AND earlier.seq = came.seq - 1
    WHERE came.previous_hash <> earlier.hash
);

-- name: behind
-- Wallets of which entries are missing: up to which one all are here, when it held, and the wallet's head.
WITH counted AS (
    SELECT account, unit, seq, held_at, row_number() OVER (PARTITION BY account, unit ORDER BY seq) AS place
    FROM (SELECT DISTINCT ON (account, unit, seq) account, unit, seq, held_at FROM came)
),
whole AS (
    SELECT account, unit, max(counted.seq) AS seq, max(counted.held_at) AS held_at
    FROM counted LEFT JOIN known USING (account, unit)
    WHERE counted.seq = coalesce(known.seq, 0) + place
    GROUP BY account, unit
)
SELECT heads.account, heads.unit, coalesce(whole.seq, known.seq, 0) AS reached,
       coalesce(whole.held_at, known.held_at, 0) AS held_at, heads.seq AS head
FROM heads
LEFT JOIN whole USING (account, unit)
LEFT JOIN known USING (account, unit)
WHERE coalesce(whole.seq, known.seq, 0) < heads.seq
ORDER BY ALL;

-- name: chain
-- What fits: each entry right after the one before it, with that one's hash. After the first that does not, none does.
-- What came after the heads were read waits for the next edition: nothing says yet that the wallet has it.
CREATE TABLE fit AS
WITH links AS (
    SELECT came.rowid AS place, came.account, came.unit, came.seq, came.hash, came.previous_hash,
           coalesce(lag(came.seq) OVER wallet, known.seq, 0) AS seq_before,
           coalesce(lag(came.hash) OVER wallet, known.hash, $genesis) AS hash_before
    FROM came
    JOIN heads ON heads.account = came.account AND heads.unit = came.unit AND heads.seq >= came.seq
    LEFT JOIN known ON known.account = came.account AND known.unit = came.unit
    WINDOW wallet AS (PARTITION BY came.account, came.unit ORDER BY came.seq, came.hash)
),
broken AS (
    SELECT *, count_if(seq <> seq_before + 1 OR previous_hash <> hash_before) OVER (
        PARTITION BY account, unit ORDER BY seq, hash
    ) AS breaks
    FROM links
)
SELECT place, account, unit, seq, hash FROM broken WHERE breaks = 0;
CREATE TABLE reached AS
SELECT account, unit, max(seq) AS seq, arg_max(hash, seq) AS hash, max(held_at) AS held_at
FROM (
    SELECT fit.account, fit.unit, fit.seq, fit.hash, came.held_at FROM fit JOIN came ON came.rowid = fit.place
    UNION ALL BY NAME
    FROM known
)
GROUP BY account, unit;

-- name: unproved
-- Wallets that have come further than what fits, or less far, or that have another head.
SELECT account, unit,
       CASE
           WHEN heads.seq IS NULL THEN 'there is no such wallet any more'
           WHEN coalesce(reached.seq, 0) < heads.seq
           THEN format('entry {:d} is missing, or does not follow the one before it', coalesce(reached.seq, 0) + 1)
           ELSE format('entry {:d} is not the one that the wallet has', reached.seq)
       END AS what
FROM heads
FULL JOIN reached USING (account, unit)
WHERE reached.seq IS DISTINCT FROM heads.seq OR reached.hash <> heads.hash
ORDER BY account, unit;

-- name: new
-- What is new, by the day on which it was recorded.
CREATE VIEW new_rows AS
SELECT came.*, strftime(epoch_ms(recorded_at), '%Y-%m-%d') AS day
FROM came
WHERE rowid IN (SELECT place FROM fit);
CREATE VIEW new_entries AS
SELECT account, unit, seq, id, kind, epoch_ms(held_at) AS held_at, epoch_ms(recorded_at) AS recorded_at,
       amount::DECIMAL(38, 0) AS amount, body, unhex(previous_hash) AS previous_hash, unhex(hash) AS hash,
       from_base64(records) AS records, country, day
FROM new_rows;
CREATE TABLE new_lots AS
SELECT account, unit, lot, seq, held_at, made, origin, pack, pack_version, currency, cost, tax, tax_point,
       credits::DECIMAL(38, 0) AS granted, expires_at, country, day
FROM (SELECT account, unit, seq, day, epoch_ms(held_at) AS held_at, unnest(lots, recursive := true) FROM new_rows);
CREATE TABLE new_gifts AS
SELECT account, unit, lot, seq, kind, held_at, cause, credits::DECIMAL(38, 0) AS credits, promotion, day
FROM (SELECT account, unit, seq, kind, day, epoch_ms(held_at) AS held_at, unnest(gifts, recursive := true) FROM new_rows);
CREATE TABLE new_lines AS
SELECT account, unit, seq, id AS entry_id, kind, epoch_ms(held_at) AS held_at, epoch_ms(recorded_at) AS recorded_at,
       number, generate_subscripts(lines, 1) - 1 AS line, cause, currency, lot, meter, credits::DECIMAL(38, 0) AS steps,
       unnest(lines, recursive := true), country, day
FROM (SELECT * EXCLUDE (postings), unnest(postings, recursive := true) FROM (SELECT * EXCLUDE (lots, gifts, body, records) FROM new_rows));
-- Each lot with cost basis, with what it has now: money in minor units, credits in steps, held ones included.
CREATE TABLE positions AS
WITH made AS (
    SELECT account, unit, lot, currency, origin, pack, pack_version, tax_point, held_at AS made_at, expires_at, cost,
           tax, granted, 0::BIGINT AS deferred, 0::BIGINT AS tax_deferred, 0::DECIMAL(38, 0) AS credits, country
    FROM new_lots
    WHERE made
),
ends AS (
    SELECT account, unit, lot, arg_max({'ends': expires_at}, seq) AS said
    FROM new_lots
    WHERE NOT made
    GROUP BY account, unit, lot
),
moved AS (
    SELECT account, unit, lot,
           -sum(amount) FILTER (name = 'deferred_revenue' AND NOT transit) AS deferred,
           -sum(amount) FILTER (name = 'tax_deferred' AND NOT transit) AS tax_deferred,
           -sum(steps) FILTER (line = 0) AS credits
    FROM new_lines
    GROUP BY account, unit, lot
)
SELECT base.account, base.unit, base.lot, currency, origin, pack, pack_version, tax_point, made_at,
       CASE WHEN said IS NULL THEN expires_at ELSE said.ends END AS expires_at, cost, tax, granted,
       (base.deferred + coalesce(moved.deferred, 0))::BIGINT AS deferred,
       (base.tax_deferred + coalesce(moved.tax_deferred, 0))::BIGINT AS tax_deferred,
       (base.credits + coalesce(moved.credits, 0))::DECIMAL(38, 0) AS credits, country
FROM (FROM held UNION ALL BY NAME FROM made) AS base
LEFT JOIN ends USING (account, unit, lot)
LEFT JOIN moved USING (account, unit, lot);
CREATE TABLE new_settlements AS
SELECT * EXCLUDE (postings) REPLACE (epoch_ms(held_at) AS held_at, epoch_ms(recorded_at) AS recorded_at),
       strftime(epoch_ms(recorded_at), '%Y-%m-%d') AS day
FROM settled;
-- What moved at a provider is of no wallet, and of no unit.
CREATE VIEW settled_lines AS
WITH posted AS (
    SELECT provider || ':' || id AS entry_id, type AS kind, epoch_ms(held_at) AS held_at,
           epoch_ms(recorded_at) AS recorded_at, strftime(epoch_ms(recorded_at), '%Y-%m-%d') AS day,
           unnest(postings, recursive := true)
    FROM settled
)
SELECT * EXCLUDE (lines), generate_subscripts(lines, 1) - 1 AS line, false AS transit, 0::DECIMAL(38, 0) AS credits,
       unnest(lines, recursive := true)
FROM posted;
CREATE TABLE new_postings AS
SELECT new_lines.account, new_lines.unit, new_lines.seq, entry_id, kind, held_at, recorded_at, number, line, cause,
       new_lines.currency, new_lines.lot, meter, CASE WHEN line = 0 THEN steps ELSE 0 END::DECIMAL(38, 0) AS credits,
       name, amount, transit, origin, pack, pack_version, tax_point,
       coalesce(positions.country, new_lines.country) AS country, day
FROM new_lines
LEFT JOIN positions USING (account, unit, lot)
UNION ALL BY NAME
FROM settled_lines;
CREATE TABLE new_totals AS
SELECT unit, held_at::DATE AS held_on, kind, cause, currency, name, transit, meter, origin, pack, pack_version,
       tax_point, country, sum(amount)::BIGINT AS amount, sum(credits)::DECIMAL(38, 0) AS credits, day
FROM new_postings
GROUP BY ALL;
CREATE TABLE new_accounts AS
SELECT account, unit, strftime(held_at, '%Y-%m') AS month, kind, cause, currency, name, transit,
       sum(amount)::BIGINT AS amount, day
FROM new_postings
WHERE account IS NOT NULL
GROUP BY ALL;
CREATE VIEW new_days AS
SELECT day, min(at_) AS first_at, max(at_) AS last_at
FROM (
    SELECT day, held_at AS at_ FROM new_rows
    UNION ALL
    SELECT day, epoch_ms(held_at) AS at_ FROM new_settlements
)
GROUP BY day;

-- name: months
-- Sums of all time, by the month in which entries hold and by edition: reports need no older day than their month's.
CREATE TABLE months AS
SELECT unit, month, cause, currency, name, tax_point, country, edition, sum(amount)::BIGINT AS amount
FROM ({months} SELECT *, strftime(held_on, '%Y-%m') AS month, $edition::INTEGER AS edition FROM new_totals)
GROUP BY ALL;

-- name: left
-- What does not fit yet waits for what is missing.
SELECT came.* FROM came WHERE rowid NOT IN (SELECT place FROM fit) ORDER BY account, unit, seq

-- name: part
FROM (SELECT * EXCLUDE (day), $edition::INTEGER AS edition FROM new_{kind} WHERE day = $day) ORDER BY ALL
