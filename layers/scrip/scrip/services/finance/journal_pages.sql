-- Entries of the journal as they are asked for (journal_pages.py), of the view that journals.sql makes.

-- name: all
-- Those of a month, in the order in which they hold.
SELECT entry_id, account, unit, seq, kind, epoch_ms(held_at), epoch_ms(recorded_at), currency, period, late_for, lines
FROM journal
WHERE period = $period AND ($unit IS NULL OR unit = $unit) AND ($currency IS NULL OR currency = $currency)
  AND ($account IS NULL OR account = $account)
ORDER BY held_at, account, unit, seq, entry_id, currency;

-- name: some
-- Those after one of them, in the order of their wallets; first what is of none, in that of its names.
SELECT entry_id, account, unit, seq, kind, epoch_ms(held_at), epoch_ms(recorded_at), currency, period, late_for, lines
FROM journal
WHERE period = $period AND ($unit IS NULL OR unit = $unit) AND ($currency IS NULL OR currency = $currency)
  AND (coalesce(account, ''), coalesce(unit, entry_id), coalesce(seq, 0), currency)
      > ($after_account, $after_unit, $after_seq, $after_currency)
ORDER BY coalesce(account, ''), coalesce(unit, entry_id), coalesce(seq, 0), currency
LIMIT $most;
