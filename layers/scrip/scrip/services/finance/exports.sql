-- What exports have of the archive, and how it is written (exports.py).

-- name: macros
-- A text that a spreadsheet would take for a formula begins with an apostrophe, as in all tables of Scrip's.
CREATE MACRO plain(said) AS CASE WHEN regexp_matches(said, '^[=+\-@\x00-\x1f\x7f]') THEN '''' || said ELSE said END;
CREATE MACRO padded(number, places) AS lpad(abs(number)::VARCHAR, greatest(length(abs(number)::VARCHAR), places + 1)::INTEGER, '0');
CREATE MACRO signed(number) AS CASE WHEN number < 0 THEN '-' ELSE '' END;
CREATE MACRO parted(digits, places) AS left(digits, length(digits) - places) || '.' || right(digits, places);
-- Steps as credits: no zeros at the end.
CREATE MACRO credits(steps, places) AS signed(steps) || rtrim(rtrim(parted(padded(steps, places), places), '0'), '.');
-- Minor units as money, with all decimals of the currency.
CREATE MACRO money(amount, places) AS signed(amount) || rtrim(parted(padded(amount, places), places), '.');
CREATE MACRO written(at_) AS strftime(at_, '%Y-%m-%dT%H:%M:%S.%gZ');
CREATE TABLE precisions (unit VARCHAR, precision INTEGER);
CREATE TABLE currencies (currency VARCHAR, decimals INTEGER);

-- name: nothing
CREATE VIEW source AS
SELECT NULL::VARCHAR AS account, NULL::VARCHAR AS unit, 0::BIGINT AS seq, NULL::VARCHAR AS id, NULL::VARCHAR AS kind,
       NULL::TIMESTAMP AS held_at, NULL::TIMESTAMP AS recorded_at, NULL::DECIMAL(38, 0) AS amount,
       NULL::VARCHAR AS country, NULL::BLOB AS previous_hash, NULL::BLOB AS hash, NULL::VARCHAR AS body,
       0::BIGINT AS lot, NULL::VARCHAR AS currency, NULL::VARCHAR AS origin, NULL::VARCHAR AS pack,
       0::BIGINT AS pack_version, NULL::VARCHAR AS tax_point, NULL::TIMESTAMP AS made_at, 0::BIGINT AS expires_at,
       0::BIGINT AS cost, 0::BIGINT AS tax, NULL::DECIMAL(38, 0) AS granted, 0::BIGINT AS deferred,
       0::BIGINT AS tax_deferred, NULL::DECIMAL(38, 0) AS credits
WHERE false;

-- name: units
SELECT DISTINCT unit FROM source;

-- name: entries
SELECT account, unit, seq, id AS entry_id, kind, written(held_at) AS "at", written(recorded_at) AS recorded_at,
       credits(amount, coalesce(precision, 0)) AS amount, country, hex(previous_hash).lower() AS previous_hash,
       hex(hash).lower() AS hash, body
FROM source AS one
LEFT JOIN precisions USING (unit)
WHERE held_at >= epoch_ms($since) AND held_at < epoch_ms($until) AND ($account IS NULL OR account = $account)
ORDER BY one.held_at, account, unit, seq

-- name: lots
SELECT account, unit, lot, currency, origin, pack, pack_version, tax_point, written(made_at) AS made_at,
       CASE WHEN expires_at IS NULL THEN NULL ELSE written(epoch_ms(expires_at)) END AS expires_at,
       cost, tax, credits(granted, coalesce(precision, 0)) AS granted, deferred, tax_deferred,
       credits(one.credits, coalesce(precision, 0)) AS remaining
FROM source AS one
LEFT JOIN precisions USING (unit)
WHERE made_at >= epoch_ms($since) AND made_at < epoch_ms($until) AND ($account IS NULL OR account = $account)
ORDER BY one.made_at, account, unit, lot

-- name: journal
WITH dated AS (
    SELECT *, CASE WHEN late_for IS NULL THEN held_at ELSE (period || '-01')::TIMESTAMP END AS dated_at,
           unnest(lines, recursive := true)
    FROM (SELECT * RENAME (account AS customer) FROM journal)
)
SELECT strftime(dated_at, '%Y-%m-%d') AS date, period, late_for, entry_id, customer, unit, seq, kind,
       written(held_at) AS "at", written(recorded_at) AS recorded_at, currency, account, amount
FROM dated
WHERE dated_at >= epoch_ms($since) AND dated_at < epoch_ms($until) AND ($account IS NULL OR customer = $account)
ORDER BY dated_at, held_at, customer, unit, seq, entry_id, currency, amount < 0, account
