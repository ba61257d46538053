/** Credits as whole numbers: amounts are compared and added up here, and none of that rounds. */

const PLACES = 18;
const FORM = /^(\d{1,40})(?:\.(\d{1,18}))?$/;

/** Gives an amount in its smallest part. @throws {TypeError} it is no text such as "2" or "0.25" */
export function parsed(amount: string, name = "amount"): bigint {
  const [, whole, decimals = ""] = (typeof amount === "string" && FORM.exec(amount)) || [];
  if (whole === undefined) throw new TypeError(`${name}: ${JSON.stringify(amount)} is no text such as "2" or "0.25"`);
  return BigInt(whole + decimals.padEnd(PLACES, "0"));
}

/** Gives an amount that somebody spends. @throws {TypeError} it is none, or not more than zero */
export function spendable(amount: string, name = "amount"): bigint {
  const found = parsed(amount, name);
  if (found === 0n) throw new TypeError(`${name}: must be more than zero`);
  return found;
}

/** Gives the smallest amount of a unit with so many decimals. */
export function step(precision: number): bigint {
  return 10n ** BigInt(PLACES - precision);
}

/** Writes an amount as Scrip does. */
export function written(parts: bigint): string {
  const digits = parts.toString().padStart(PLACES + 1, "0");
  const [whole, decimals] = [digits.slice(0, -PLACES), digits.slice(-PLACES).replace(/0+$/, "")];
  return decimals ? `${whole}.${decimals}` : whole;
}
