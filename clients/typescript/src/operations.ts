// Written by `make openapi` from docs/openapi.json.
import { type Answered, Call, Listing, Report, Table } from "./answers.js";
import type { CallOptions, KeyedOptions, More, Sent } from "./request.js";
import type {
  AccountPage,
  Adjusted,
  AdjustmentBody,
  Alerts,
  AlertsBody,
  Allowance,
  AllowanceBody,
  AllowancePage,
  ApiKey,
  ApplicationBody,
  Applied,
  AuditPage,
  AutoTopup,
  AutoTopupBody,
  Balance,
  Batch,
  BatchBody,
  BilledOveragePage,
  BookedPage,
  BooksReport,
  Budget,
  BudgetBody,
  BudgetPage,
  BurnBody,
  BurnPageBody,
  Burned,
  CancelBody,
  CancelSubscriptionBody,
  CaptureBody,
  ChartOfAccounts,
  ChartOfAccountsBody,
  CloseBody,
  Compensation,
  CompensationBody,
  Contract,
  Dismissed,
  Dunning,
  DunningBody,
  DunningPage,
  EndpointRotationBody,
  EndpointTest,
  EndpointTestBody,
  Entry,
  EntryPage,
  ExpiryBody,
  ExpiryChanged,
  Explanation,
  Export,
  ExportBody,
  ExtendBody,
  Extension,
  ExtensionBody,
  Forecast,
  FoundPage,
  FoundRecord,
  GrantBody,
  GrantMade,
  Granted,
  Health,
  Held,
  Hold,
  HoldBody,
  HoldPage,
  IncidentPage,
  Invoice,
  InvoiceVoidBody,
  JournalPage,
  KeyBody,
  KeyPage,
  LotPage,
  Moved,
  NewWebhookEndpoint,
  NoticePage,
  OwnRateBody,
  OwnRateCard,
  OwnRateCardPage,
  Pack,
  PackBody,
  PackPage,
  Payment,
  PaymentPage,
  PaymentRefundBody,
  PaymentRefunded,
  Period,
  PeriodPage,
  PortalSession,
  PortalSessionBody,
  Profile,
  ProfileBody,
  Promotion,
  PromotionBody,
  PromotionPage,
  Quote,
  QuoteBody,
  RateBody,
  RateCard,
  RateCardPage,
  Received,
  Reconciliation,
  RecordPage,
  RedemptionBody,
  RedriveBody,
  Redriven,
  RefundBody,
  RefundQuote,
  RejectedUsagePage,
  ReleaseBody,
  Replay,
  ReplayBody,
  ResolutionBody,
  Resolved,
  ResumeSubscriptionBody,
  ReversalBody,
  Reversed,
  RotatedWebhookEndpoint,
  RotationBody,
  SettleBody,
  Settled,
  Statement,
  StatementKeyList,
  StatusBody,
  Subscription,
  SubscriptionPage,
  Terms,
  Topup,
  TopupBody,
  TopupPage,
  TransferBody,
  Transferred,
  Unit,
  UnitBody,
  UnitPage,
  UsageAccepted,
  UsageBody,
  UsedPage,
  Version,
  VoidBody,
  Voided,
  VoidedInvoice,
  WalletPage,
  WebhookDeliveryPage,
  WebhookEndpoint,
  WebhookEndpointBody,
  WebhookEndpointPage,
  operations,
} from "./schema.js";

/** What an operation may be asked for. */
export type Query<Id extends keyof operations> = NonNullable<operations[Id]["parameters"]["query"]>;

/** Every operation of Scrip's API. */
export abstract class Operations {
  /** Sends a request and gives what was answered. */
  protected abstract perform<Body>(sent: Sent, more: More): Promise<Answered<Body>>;

  /**
   * Spend credits now.
   *
   * An amount, or so much of a meter as its rate card prices it. `exact` is all or nothing (and may run up debt where
   * the unit's policy allows it); `up_to` takes what is there and is never refused for lack of credits.
   *
   * Scope: `burn`.
   *
   * Besides what any request may be refused for: `idempotency_key_missing`, `budget_exceeded`,
   * `insufficient_credits`, `not_found`, `wallet_closed`, `wallet_frozen`, `quote_expired`, `contended`,
   * `precision_exceeded`, `amount_out_of_range`, `idempotency_key_reused`, `clock_backwards`, `quote_mismatch`,
   * `policy_violation`.
   */
  burn(account: string, body: BurnBody, options?: KeyedOptions): Call<Burned> {
    return new Call((more) =>
      this.perform({ method: "POST", path: "/v1/accounts/{account}/burns", parameters: { account }, body, options, keyed: true, clock: true }, more),
    );
  }

  /**
   * One record, by its stream and offset.
   *
   * And the entry that booked it. An offset that was not used yet is not found; one that was skipped or given up is.
   * Of a lease the stream is the hold's id.
   *
   * Scope: `read`.
   *
   * Besides what any request may be refused for: `not_found`.
   */
  findRecord(account: string, query: Query<"find_record">, options?: CallOptions): Call<FoundRecord> {
    return new Call((more) =>
      this.perform({ method: "GET", path: "/v1/accounts/{account}/burns", parameters: { account }, query, options }, more),
    );
  }

  /**
   * Spend credits many times at once.
   *
   * Burns of one wallet, each with its own key and carried out in order, in as few commits as fit. One that cannot be
   * paid is refused alone; one whose key is known is replayed. A batch that was cut short goes on where it ended when
   * it is sent again.
   *
   * Scope: `burn`.
   *
   * Besides what any request may be refused for: `not_found`, `contended`, `precision_exceeded`,
   * `amount_out_of_range`, `clock_backwards`.
   */
  burnBatch(account: string, body: BatchBody, options?: CallOptions): Call<Batch> {
    return new Call((more) =>
      this.perform({ method: "POST", path: "/v1/accounts/{account}/burns/batch", parameters: { account }, body, options, clock: true }, more),
    );
  }

  /**
   * Ask what a burn, a hold or a capture would do.
   *
   * Takes a burn's body, or what a hold or a capture says of its amount, and moves nothing.
   *
   * Scope: `read`.
   *
   * Besides what any request may be refused for: `not_found`, `contended`, `precision_exceeded`,
   * `amount_out_of_range`, `clock_backwards`, `policy_violation`.
   */
  quote(account: string, body: QuoteBody, options?: CallOptions): Call<Quote> {
    return new Call((more) =>
      this.perform({ method: "POST", path: "/v1/accounts/{account}/quotes", parameters: { account }, body, options, clock: true }, more),
    );
  }

  /**
   * Set credits aside.
   *
   * They stay capturable until the deadline, even if their lot expires meanwhile. At the deadline what is held is
   * given back.
   *
   * Scope: `burn`.
   *
   * Besides what any request may be refused for: `idempotency_key_missing`, `budget_exceeded`,
   * `insufficient_credits`, `not_found`, `wallet_closed`, `wallet_frozen`, `quote_expired`, `contended`,
   * `precision_exceeded`, `amount_out_of_range`, `idempotency_key_reused`, `clock_backwards`, `quote_mismatch`,
   * `policy_violation`.
   */
  hold(account: string, body: HoldBody, options?: KeyedOptions): Call<Held> {
    return new Call((more) =>
      this.perform({ method: "POST", path: "/v1/accounts/{account}/holds", parameters: { account }, body, options, keyed: true, clock: true }, more),
    );
  }

  /**
   * Holds.
   *
   * Scope: `read`.
   *
   * Besides what any request may be refused for: `not_found`, `contended`, `clock_backwards`.
   */
  listHolds(account: string, query?: Query<"list_holds">, options?: CallOptions): Table<HoldPage> {
    return new Table((more) =>
      this.perform({ method: "GET", path: "/v1/accounts/{account}/holds", parameters: { account }, query, options, clock: true }, more),
      "items",
    );
  }

  /**
   * Spend held credits.
   *
   * All of them, or a part; with `final` the rest is given back. More than is held where the hold was made so.
   *
   * Scope: `burn`.
   *
   * Besides what any request may be refused for: `idempotency_key_missing`, `budget_exceeded`,
   * `insufficient_credits`, `not_found`, `wallet_closed`, `wallet_frozen`, `hold_not_open`, `quote_expired`,
   * `contended`, `precision_exceeded`, `amount_out_of_range`, `idempotency_key_reused`, `clock_backwards`,
   * `quote_mismatch`, `policy_violation`.
   */
  capture(account: string, hold_id: string, body?: CaptureBody, options?: KeyedOptions): Call<Held> {
    return new Call((more) =>
      this.perform({ method: "POST", path: "/v1/accounts/{account}/holds/{hold_id}/capture", parameters: { account, hold_id }, body, options, keyed: true, clock: true }, more),
    );
  }

  /**
   * Give held credits back.
   *
   * What goes back to a lot that has expired expires at once.
   *
   * Scope: `burn`.
   *
   * Besides what any request may be refused for: `idempotency_key_missing`, `not_found`, `wallet_closed`,
   * `hold_not_open`, `contended`, `idempotency_key_reused`, `clock_backwards`.
   */
  release(account: string, hold_id: string, body?: ReleaseBody, options?: KeyedOptions): Call<Held> {
    return new Call((more) =>
      this.perform({ method: "POST", path: "/v1/accounts/{account}/holds/{hold_id}/release", parameters: { account, hold_id }, body, options, keyed: true, clock: true }, more),
    );
  }

  /**
   * Move a hold's deadline.
   *
   * Scope: `burn`.
   *
   * Besides what any request may be refused for: `idempotency_key_missing`, `not_found`, `wallet_closed`,
   * `hold_not_open`, `contended`, `idempotency_key_reused`, `clock_backwards`.
   */
  extend(account: string, hold_id: string, body?: ExtendBody, options?: KeyedOptions): Call<Held> {
    return new Call((more) =>
      this.perform({ method: "POST", path: "/v1/accounts/{account}/holds/{hold_id}/extend", parameters: { account, hold_id }, body, options, keyed: true, clock: true }, more),
    );
  }

  /**
   * A hold.
   *
   * Scope: `read`.
   *
   * Besides what any request may be refused for: `not_found`, `contended`, `clock_backwards`.
   */
  getHold(account: string, hold_id: string, query?: Query<"get_hold">, options?: CallOptions): Call<Hold> {
    return new Call((more) =>
      this.perform({ method: "GET", path: "/v1/accounts/{account}/holds/{hold_id}", parameters: { account, hold_id }, query, options, clock: true }, more),
    );
  }

  /**
   * Spend credits up to 1 000 times in one entry.
   *
   * For a wallet that is burned from hundreds of times a second. Each record is burned once for ever by its stream
   * and offset: the same page sent again burns nothing, pages that overlap burn what is new. What can be paid is
   * taken in order; a record that cannot is refused alone, and its offset is used up.
   *
   * Scope: `burn`.
   *
   * Besides what any request may be refused for: `not_found`, `wallet_closed`, `wallet_frozen`, `offset_gap`,
   * `contended`, `precision_exceeded`, `amount_out_of_range`, `clock_backwards`, `policy_violation`.
   */
  burnPage(account: string, body: BurnPageBody, options?: CallOptions): Call<BookedPage> {
    return new Call((more) =>
      this.perform({ method: "POST", path: "/v1/accounts/{account}/burns/pages", parameters: { account }, body, options, clock: true }, more),
    );
  }

  /**
   * Settle a lease.
   *
   * Books what the holder has spent in memory, as records whose stream is the lease, and fills the lease up again, in
   * one commit. Each record is burned once for ever by its offset. One beyond what the lease has is refused alone. To
   * be filled up is never refused: there may be less.
   *
   * Scope: `burn`.
   *
   * Besides what any request may be refused for: `not_found`, `wallet_closed`, `hold_not_open`, `offset_gap`,
   * `contended`, `precision_exceeded`, `amount_out_of_range`, `clock_backwards`, `policy_violation`.
   */
  settle(account: string, hold_id: string, body: SettleBody, options?: CallOptions): Call<Settled> {
    return new Call((more) =>
      this.perform({ method: "POST", path: "/v1/accounts/{account}/holds/{hold_id}/settle", parameters: { account, hold_id }, body, options, clock: true }, more),
    );
  }

  /**
   * Report usage as CloudEvents, of any accounts.
   *
   * Up to 1 000 events, 1 MB: `type` is the meter, `subject` the account; `source` with `id` names the event for
   * ever: it is burned once, however often it comes. In CloudEvents' structured, batch and binary mode, or as
   * `events` of JSON. What cannot be right is rejected here, each by its place; the others are queued and burned
   * within seconds, by the price of their `time`. What cannot be burned then is told by the event
   * `scrip.usage.rejected`, and listed.
   *
   * Scope: `burn`.
   */
  reportUsage(body: UsageBody, query?: Query<"report_usage">, options?: CallOptions): Call<UsageAccepted> {
    return new Call((more) =>
      this.perform({ method: "POST", path: "/v1/usage", parameters: {}, body, query, options, clock: true }, more),
    );
  }

  /**
   * Events of usage that were accepted and could not be burned.
   *
   * Those that came last first, each with the reason, for 35 days or until it is brought back.
   *
   * Scope: `read`.
   */
  listRejectedUsage(query?: Query<"list_rejected_usage">, options?: CallOptions): Table<RejectedUsagePage> {
    return new Table((more) =>
      this.perform({ method: "GET", path: "/v1/usage/rejected", parameters: {}, query, options }, more),
      "items",
    );
  }

  /**
   * Bring rejected events of usage back.
   *
   * Once what stood in their way is gone: a wallet is unfrozen, a budget raised. They are queued again, and leave the
   * list; what is rejected once more is in it again. How late one is goes by when it came first.
   *
   * Scope: `burn`.
   */
  redriveUsage(body: RedriveBody, options?: CallOptions): Call<Redriven> {
    return new Call((more) =>
      this.perform({ method: "POST", path: "/v1/usage/rejected/redrive", parameters: {}, body, options }, more),
    );
  }

  /**
   * Take rejected events of usage out of the list.
   *
   * Those that nobody is to pay for: a test, a sender's mistake. They are burned no more, unless they are sent again.
   *
   * Scope: `grant`.
   */
  dismissUsage(body: RedriveBody, options?: CallOptions): Call<Dismissed> {
    return new Call((more) =>
      this.perform({ method: "POST", path: "/v1/usage/rejected/dismissals", parameters: {}, body, options }, more),
    );
  }

  /**
   * The records of an entry, in the order of their offsets.
   *
   * Those of a page of burns, or of a settlement of a lease. Another entry has none.
   *
   * Scope: `read`.
   *
   * Besides what any request may be refused for: `not_found`.
   */
  listRecords(
    account: string,
    entry_id: string,
    query?: Query<"list_records">,
    options?: CallOptions,
  ): Table<RecordPage> {
    return new Table((more) =>
      this.perform({ method: "GET", path: "/v1/accounts/{account}/entries/{entry_id}/records", parameters: { account, entry_id }, query, options }, more),
      "items",
    );
  }

  /**
   * What was used, by day or hour.
   *
   * Credits that were burned and captured, how much was counted for them, and their money; all of it, or by meter,
   * member, tag or dimension. What was undone is given back in the period in which it was used. Up to date with the
   * wallet: `through_seq` says up to which entry.
   *
   * Scope: `read`.
   *
   * Besides what any request may be refused for: `not_found`, `contended`.
   */
  usage(account: string, query?: Query<"usage">, options?: CallOptions): Table<UsedPage> {
    return new Table((more) =>
      this.perform({ method: "GET", path: "/v1/accounts/{account}/usage", parameters: { account }, query, options }, more),
      "items",
    );
  }

  /**
   * When credits run out, and what will be left of them at their ends.
   *
   * If they are used as they were: burned and captured, in the last 28 days. It is the rate by which a run-out is
   * told.
   *
   * Scope: `read`.
   *
   * Besides what any request may be refused for: `not_found`, `contended`, `clock_backwards`.
   */
  forecast(account: string, query?: Query<"forecast">, options?: CallOptions): Call<Forecast> {
    return new Call((more) =>
      this.perform({ method: "GET", path: "/v1/accounts/{account}/forecast", parameters: { account }, query, options, clock: true }, more),
    );
  }

  /**
   * Add credits.
   *
   * They become one lot, on terms that never change. What the wallet owes is repaid out of it first, where the unit's
   * policy says so.
   *
   * Scope: `grant`.
   *
   * Besides what any request may be refused for: `idempotency_key_missing`, `not_found`, `wallet_closed`,
   * `contended`, `precision_exceeded`, `amount_out_of_range`, `idempotency_key_reused`, `clock_backwards`,
   * `policy_violation`.
   */
  grant(account: string, body: GrantBody, options?: KeyedOptions): Call<GrantMade> {
    return new Call((more) =>
      this.perform({ method: "POST", path: "/v1/accounts/{account}/grants", parameters: { account }, body, options, keyed: true, clock: true }, more),
    );
  }

  /**
   * Turn money that is kept into credits.
   *
   * The value, or a part, of an invoice or a payment becomes a lot of kind `refund` whose cost basis is that money.
   * All refunds of one source together are never above what was paid for it.
   *
   * Scope: `grant`.
   *
   * Besides what any request may be refused for: `idempotency_key_missing`, `not_found`, `wallet_closed`,
   * `contended`, `precision_exceeded`, `amount_out_of_range`, `idempotency_key_reused`, `clock_backwards`,
   * `policy_violation`.
   */
  refund(account: string, body: RefundBody, options?: KeyedOptions): Call<Granted> {
    return new Call((more) =>
      this.perform({ method: "POST", path: "/v1/accounts/{account}/refunds", parameters: { account }, body, options, keyed: true, clock: true }, more),
    );
  }

  /**
   * Move credits to another account.
   *
   * Where the unit's policy allows it. Lots move in burn order and keep their cost basis, tax point and expiry. Both
   * wallets change in one transaction.
   *
   * Scope: `grant`.
   *
   * Besides what any request may be refused for: `idempotency_key_missing`, `insufficient_credits`, `not_found`,
   * `wallet_closed`, `wallet_frozen`, `contended`, `precision_exceeded`, `amount_out_of_range`,
   * `idempotency_key_reused`, `clock_backwards`, `policy_violation`.
   */
  transfer(account: string, body: TransferBody, options?: KeyedOptions): Call<Transferred> {
    return new Call((more) =>
      this.perform({ method: "POST", path: "/v1/accounts/{account}/transfers", parameters: { account }, body, options, keyed: true, clock: true }, more),
    );
  }

  /**
   * Incidents that accounts are compensated for.
   *
   * Scope: `read`.
   */
  listCompensations(query?: Query<"list_compensations">, options?: CallOptions): Table<IncidentPage> {
    return new Table((more) =>
      this.perform({ method: "GET", path: "/v1/compensations", parameters: {}, query, options }, more),
      "items",
    );
  }

  /**
   * Make good an incident to many accounts.
   *
   * Each account gets its credits once for an incident, for ever: the incident is the key. An account that is refused
   * does not keep the others. Where time was too short for all, the same request goes on where this one ended.
   *
   * Scope: `admin`.
   *
   * Besides what any request may be refused for: `not_found`, `contended`, `precision_exceeded`,
   * `amount_out_of_range`.
   */
  compensate(body: CompensationBody, options?: CallOptions): Call<Compensation> {
    return new Call((more) =>
      this.perform({ method: "POST", path: "/v1/compensations", parameters: {}, body, options, clock: true }, more),
    );
  }

  /**
   * Let lots end later after an outage.
   *
   * Every lot that ends some day and of which something is left ends later, once for an incident, for ever: the
   * incident is the key. Lots that have not begun, are held or are frozen are among them; a rollover happens at the
   * new end. Of `all` accounts it goes on by itself, and the same request again says how far it is.
   *
   * Scope: `admin`.
   *
   * Besides what any request may be refused for: `not_found`, `contended`, `idempotency_key_reused`.
   */
  extendLots(body: ExtensionBody, options?: CallOptions): Call<Extension> {
    return new Call((more) =>
      this.perform({ method: "POST", path: "/v1/extensions", parameters: {}, body, options, clock: true }, more),
    );
  }

  /**
   * Redeem a promotion.
   *
   * Once to an account, and once to each identity that the promotion asks for, within its window, its budget and its
   * number of redemptions.
   *
   * Scope: `grant`.
   *
   * Besides what any request may be refused for: `idempotency_key_missing`, `not_found`, `wallet_closed`,
   * `promotion_exhausted`, `promotion_already_claimed`, `contended`, `amount_out_of_range`, `idempotency_key_reused`,
   * `clock_backwards`, `policy_violation`.
   */
  redeem(account: string, body: RedemptionBody, options?: KeyedOptions): Call<Granted> {
    return new Call((more) =>
      this.perform({ method: "POST", path: "/v1/accounts/{account}/redemptions", parameters: { account }, body, options, keyed: true, clock: true }, more),
    );
  }

  /**
   * Give an allowance, or change it.
   *
   * Each period grants its amount once. A change in the middle of a period grants the difference for the part that is
   * left, and takes nothing back. The same again changes nothing.
   *
   * Scope: `admin`.
   *
   * Besides what any request may be refused for: `not_found`, `wallet_closed`, `contended`, `precision_exceeded`,
   * `amount_out_of_range`, `clock_backwards`, `policy_violation`.
   */
  putAllowance(account: string, allowance_id: string, body: AllowanceBody, options?: CallOptions): Call<Allowance> {
    return new Call((more) =>
      this.perform({ method: "PUT", path: "/v1/accounts/{account}/allowances/{allowance_id}", parameters: { account, allowance_id }, body, options, clock: true }, more),
    );
  }

  /**
   * An allowance.
   *
   * Scope: `read`.
   *
   * Besides what any request may be refused for: `not_found`, `contended`, `clock_backwards`.
   */
  getAllowance(
    account: string,
    allowance_id: string,
    query?: Query<"get_allowance">,
    options?: CallOptions,
  ): Call<Allowance> {
    return new Call((more) =>
      this.perform({ method: "GET", path: "/v1/accounts/{account}/allowances/{allowance_id}", parameters: { account, allowance_id }, query, options, clock: true }, more),
    );
  }

  /**
   * End an allowance.
   *
   * What it granted stays.
   *
   * Scope: `admin`.
   *
   * Besides what any request may be refused for: `not_found`, `contended`, `clock_backwards`.
   */
  deleteAllowance(
    account: string,
    allowance_id: string,
    query?: Query<"delete_allowance">,
    options?: CallOptions,
  ): Call<void> {
    return new Call((more) =>
      this.perform({ method: "DELETE", path: "/v1/accounts/{account}/allowances/{allowance_id}", parameters: { account, allowance_id }, query, options, clock: true }, more),
    );
  }

  /**
   * Allowances.
   *
   * Scope: `read`.
   *
   * Besides what any request may be refused for: `not_found`, `contended`, `clock_backwards`.
   */
  listAllowances(account: string, query?: Query<"list_allowances">, options?: CallOptions): Table<AllowancePage> {
    return new Table((more) =>
      this.perform({ method: "GET", path: "/v1/accounts/{account}/allowances", parameters: { account }, query, options, clock: true }, more),
      "items",
    );
  }

  /**
   * Bound what is spent in each period, or change that.
   *
   * Counts what is spent from now on, exactly, however many spend at once. Holds and leases count when they are
   * placed, and take off what they give back in the same period; so does a reversal. A changed limit counts on; a
   * budget that counts other spending, or in other periods, than before begins with nothing. The same again changes
   * nothing.
   *
   * Scope: `grant`.
   *
   * Besides what any request may be refused for: `not_found`, `wallet_closed`, `contended`, `precision_exceeded`,
   * `amount_out_of_range`, `clock_backwards`, `policy_violation`.
   */
  putBudget(account: string, budget_id: string, body: BudgetBody, options?: CallOptions): Call<Budget> {
    return new Call((more) =>
      this.perform({ method: "PUT", path: "/v1/accounts/{account}/budgets/{budget_id}", parameters: { account, budget_id }, body, options, clock: true }, more),
    );
  }

  /**
   * A budget, and what is spent of it.
   *
   * Scope: `read`.
   *
   * Besides what any request may be refused for: `not_found`, `contended`, `clock_backwards`.
   */
  getBudget(account: string, budget_id: string, query?: Query<"get_budget">, options?: CallOptions): Call<Budget> {
    return new Call((more) =>
      this.perform({ method: "GET", path: "/v1/accounts/{account}/budgets/{budget_id}", parameters: { account, budget_id }, query, options, clock: true }, more),
    );
  }

  /**
   * Take a budget away.
   *
   * What was counted in it is forgotten.
   *
   * Scope: `grant`.
   *
   * Besides what any request may be refused for: `not_found`, `contended`, `clock_backwards`.
   */
  deleteBudget(
    account: string,
    budget_id: string,
    query?: Query<"delete_budget">,
    options?: CallOptions,
  ): Call<void> {
    return new Call((more) =>
      this.perform({ method: "DELETE", path: "/v1/accounts/{account}/budgets/{budget_id}", parameters: { account, budget_id }, query, options, clock: true }, more),
    );
  }

  /**
   * Budgets.
   *
   * Scope: `read`.
   *
   * Besides what any request may be refused for: `not_found`, `contended`, `clock_backwards`.
   */
  listBudgets(account: string, query?: Query<"list_budgets">, options?: CallOptions): Table<BudgetPage> {
    return new Table((more) =>
      this.perform({ method: "GET", path: "/v1/accounts/{account}/budgets", parameters: { account }, query, options, clock: true }, more),
      "items",
    );
  }

  /**
   * Take back what is left of a lot.
   *
   * What is held of it stays, and so does what is frozen. The money of what is taken back is earned, as breakage. Not
   * where the lot was a mistake and nothing has left it (`as`): then it was never paid.
   *
   * Scope: `grant`.
   *
   * Besides what any request may be refused for: `idempotency_key_missing`, `not_found`, `wallet_closed`,
   * `lot_not_open`, `contended`, `precision_exceeded`, `amount_out_of_range`, `idempotency_key_reused`,
   * `clock_backwards`, `policy_violation`.
   */
  voidLot(account: string, lot_id: string, body?: VoidBody, options?: KeyedOptions): Call<Voided> {
    return new Call((more) =>
      this.perform({ method: "POST", path: "/v1/accounts/{account}/lots/{lot_id}/void", parameters: { account, lot_id }, body, options, keyed: true, clock: true }, more),
    );
  }

  /**
   * Give a lot another end.
   *
   * Later, earlier or never: an instant, a duration from now on, or `never`, exactly one of them. The lot takes its
   * new place in the order of burning, and what is held of it stays held. An end that comes earlier needs scope
   * `admin`, and of a lot that was paid for `force` besides. What has ended stays so: grant a new lot.
   *
   * Scope: `grant`.
   *
   * Besides what any request may be refused for: `idempotency_key_missing`, `not_found`, `wallet_closed`,
   * `lot_not_open`, `contended`, `idempotency_key_reused`, `clock_backwards`, `policy_violation`.
   */
  changeExpiry(account: string, lot_id: string, body: ExpiryBody, options?: KeyedOptions): Call<ExpiryChanged> {
    return new Call((more) =>
      this.perform({ method: "POST", path: "/v1/accounts/{account}/lots/{lot_id}/expiry", parameters: { account, lot_id }, body, options, keyed: true, clock: true }, more),
    );
  }

  /**
   * Undo a burn, whole or in part.
   *
   * The credits go back to the lots they came from, the last drawn first, with their money. What goes back to a lot
   * that has expired expires at once. A capture can be reversed too. Of a page of burns, or a lease's settlement, one
   * record is undone by its `offset`: it goes back to the lots that paid for it.
   *
   * Scope: `grant`.
   *
   * Besides what any request may be refused for: `idempotency_key_missing`, `not_found`, `wallet_closed`,
   * `already_reversed`, `contended`, `precision_exceeded`, `amount_out_of_range`, `idempotency_key_reused`,
   * `clock_backwards`, `policy_violation`.
   */
  reverse(account: string, entry_id: string, body?: ReversalBody, options?: KeyedOptions): Call<Reversed> {
    return new Call((more) =>
      this.perform({ method: "POST", path: "/v1/accounts/{account}/burns/{entry_id}/reversal", parameters: { account, entry_id }, body, options, keyed: true, clock: true }, more),
    );
  }

  /**
   * Set a balance right.
   *
   * For what nothing else fits: a `credit` makes a lot, a `debit` takes credits in burn order.
   *
   * Scope: `admin`.
   *
   * Besides what any request may be refused for: `idempotency_key_missing`, `insufficient_credits`, `not_found`,
   * `wallet_closed`, `wallet_frozen`, `contended`, `precision_exceeded`, `amount_out_of_range`,
   * `idempotency_key_reused`, `clock_backwards`, `policy_violation`.
   */
  adjust(account: string, body: AdjustmentBody, options?: KeyedOptions): Call<Adjusted> {
    return new Call((more) =>
      this.perform({ method: "POST", path: "/v1/accounts/{account}/adjustments", parameters: { account }, body, options, keyed: true, clock: true }, more),
    );
  }

  /**
   * Freeze a wallet.
   *
   * No burn, no hold, no transfer until it is unfrozen. Grants, expiry, clawbacks and captures go on.
   *
   * Scope: `admin`.
   *
   * Besides what any request may be refused for: `idempotency_key_missing`, `not_found`, `wallet_closed`,
   * `contended`, `idempotency_key_reused`, `clock_backwards`.
   */
  freeze(account: string, body?: StatusBody, options?: KeyedOptions): Call<Moved> {
    return new Call((more) =>
      this.perform({ method: "POST", path: "/v1/accounts/{account}/freeze", parameters: { account }, body, options, keyed: true, clock: true }, more),
    );
  }

  /**
   * Unfreeze a wallet.
   *
   * Credits may leave it again.
   *
   * Scope: `admin`.
   *
   * Besides what any request may be refused for: `idempotency_key_missing`, `not_found`, `wallet_closed`,
   * `contended`, `idempotency_key_reused`, `clock_backwards`.
   */
  unfreeze(account: string, body?: StatusBody, options?: KeyedOptions): Call<Moved> {
    return new Call((more) =>
      this.perform({ method: "POST", path: "/v1/accounts/{account}/unfreeze", parameters: { account }, body, options, keyed: true, clock: true }, more),
    );
  }

  /**
   * Close a wallet.
   *
   * For ever. It must have nothing in it.
   *
   * Scope: `admin`.
   *
   * Besides what any request may be refused for: `idempotency_key_missing`, `not_found`, `wallet_closed`,
   * `contended`, `idempotency_key_reused`, `clock_backwards`, `policy_violation`.
   */
  close(account: string, body?: StatusBody, options?: KeyedOptions): Call<Moved> {
    return new Call((more) =>
      this.perform({ method: "POST", path: "/v1/accounts/{account}/close", parameters: { account }, body, options, keyed: true, clock: true }, more),
    );
  }

  /**
   * What is there, now or at a past instant.
   *
   * An account never seen has zeros.
   *
   * Scope: `read`.
   *
   * Besides what any request may be refused for: `not_found`, `contended`, `clock_backwards`.
   */
  getBalance(account: string, query?: Query<"get_balance">, options?: CallOptions): Call<Balance> {
    return new Call((more) =>
      this.perform({ method: "GET", path: "/v1/accounts/{account}/balance", parameters: { account }, query, options, clock: true }, more),
    );
  }

  /**
   * Accounts.
   *
   * Those that have a wallet or an order, or have or had a profile. By `email` those whose profile has an address of
   * the same mailbox, however it is spelled. A key of one account sees that one.
   *
   * Scope: `read`.
   */
  listAccounts(query?: Query<"list_accounts">, options?: CallOptions): Table<AccountPage> {
    return new Table((more) =>
      this.perform({ method: "GET", path: "/v1/accounts", parameters: {}, query, options }, more),
      "items",
    );
  }

  /**
   * An account's wallets, each with its balance.
   *
   * Scope: `read`.
   *
   * Besides what any request may be refused for: `not_found`, `contended`, `clock_backwards`.
   */
  listWallets(account: string, query?: Query<"list_wallets">, options?: CallOptions): Table<WalletPage> {
    return new Table((more) =>
      this.perform({ method: "GET", path: "/v1/accounts/{account}/wallets", parameters: { account }, query, options, clock: true }, more),
      "items",
    );
  }

  /**
   * Lots in burn order.
   *
   * Scope: `read`.
   *
   * Besides what any request may be refused for: `not_found`, `contended`, `clock_backwards`.
   */
  listLots(account: string, query?: Query<"list_lots">, options?: CallOptions): Table<LotPage> {
    return new Table((more) =>
      this.perform({ method: "GET", path: "/v1/accounts/{account}/lots", parameters: { account }, query, options, clock: true }, more),
      "items",
    );
  }

  /**
   * The ledger, newest first.
   *
   * What is due and not booked is shown as if it were, before all others. A filter beside `from` and `to` reads on
   * from entry to entry, 1 000 of them and a second at most.
   *
   * Scope: `read`.
   *
   * Besides what any request may be refused for: `not_found`, `contended`, `clock_backwards`.
   */
  listEntries(account: string, query?: Query<"list_entries">, options?: CallOptions): Table<EntryPage> {
    return new Table((more) =>
      this.perform({ method: "GET", path: "/v1/accounts/{account}/entries", parameters: { account }, query, options, clock: true }, more),
      "items",
    );
  }

  /**
   * One entry.
   *
   * Scope: `read`.
   *
   * Besides what any request may be refused for: `not_found`.
   */
  getEntry(account: string, entry_id: string, query?: Query<"get_entry">, options?: CallOptions): Call<Entry> {
    return new Call((more) =>
      this.perform({ method: "GET", path: "/v1/accounts/{account}/entries/{entry_id}", parameters: { account, entry_id }, query, options }, more),
    );
  }

  /**
   * Why the balance is what it is.
   *
   * Each lot with its place in the order and why, the entries that made the number, and the number computed again
   * from the ledger to prove it. Entries come in their order, a thousand to a page.
   *
   * Scope: `read`.
   *
   * Besides what any request may be refused for: `not_found`, `contended`, `clock_backwards`.
   */
  explain(account: string, query?: Query<"explain">, options?: CallOptions): Listing<Explanation, "entries"> {
    return new Listing((more) =>
      this.perform({ method: "GET", path: "/v1/accounts/{account}/explain", parameters: { account }, query, options, clock: true }, more),
      "entries",
    );
  }

  /**
   * Say who an account is of.
   *
   * The one place for personal data: whatever else you send is kept for ever. It replaces all of the profile before;
   * the same again changes nothing.
   *
   * Scope: `grant`.
   *
   * Besides what any request may be refused for: `contended`.
   */
  putProfile(account: string, body: ProfileBody, options?: CallOptions): Call<Profile> {
    return new Call((more) =>
      this.perform({ method: "PUT", path: "/v1/accounts/{account}/profile", parameters: { account }, body, options, clock: true }, more),
    );
  }

  /**
   * An account's profile.
   *
   * Scope: `read`.
   *
   * Besides what any request may be refused for: `not_found`.
   */
  getProfile(account: string, options?: CallOptions): Call<Profile> {
    return new Call((more) =>
      this.perform({ method: "GET", path: "/v1/accounts/{account}/profile", parameters: { account }, options }, more),
    );
  }

  /**
   * Erase an account's profile.
   *
   * For good, and with it what payment providers sent that names the customer. The ledger stays as it is, and so does
   * since when the account was of which country. Where there is too much for one request, the profile is gone and the
   * answer is 503: send it again, and it goes on.
   *
   * Scope: `grant`.
   *
   * Besides what any request may be refused for: `not_found`, `contended`.
   */
  deleteProfile(account: string, options?: CallOptions): Call<void> {
    return new Call((more) =>
      this.perform({ method: "DELETE", path: "/v1/accounts/{account}/profile", parameters: { account }, options, clock: true }, more),
    );
  }

  /**
   * Entries by reference, payment, order, key or lot.
   *
   * By exactly one of them. `reference` is found within seconds of the commit, and `complete_through` says up to when
   * nothing is missing; the others lack nothing. A key of one account finds that account's entries.
   *
   * Scope: `read`.
   *
   * Besides what any request may be refused for: `not_found`.
   */
  search(query?: Query<"search">, options?: CallOptions): Table<FoundPage> {
    return new Table((more) =>
      this.perform({ method: "GET", path: "/v1/search", parameters: {}, query, options, clock: true }, more),
      "items",
    );
  }

  /**
   * What is to be billed of a month.
   *
   * What accounts owed as periods of allowances with `overage` `invoice` ended in this month (UTC). It is found
   * within seconds of the commit, and `complete_through` says up to when nothing is missing.
   *
   * Scope: `admin`.
   */
  listOverages(query: Query<"list_overages">, options?: CallOptions): Table<BilledOveragePage> {
    return new Table((more) =>
      this.perform({ method: "GET", path: "/v1/overages", parameters: {}, query, options }, more),
      "items",
    );
  }

  /**
   * Who changed what, when, and what there was before.
   *
   * Changes of the catalogue, of keys, and decisions about payments, newest first. Of credits, the ledger's own
   * entries tell it.
   *
   * Scope: `admin`.
   */
  listChanges(query?: Query<"list_changes">, options?: CallOptions): Table<AuditPage> {
    return new Table((more) =>
      this.perform({ method: "GET", path: "/v1/audit", parameters: {}, query, options }, more),
      "items",
    );
  }

  /**
   * Give an account alerts of its own.
   *
   * They take the place of the unit's, member by member, from this answer on. What is left out is the unit's; an
   * empty list is none. A changed threshold tells nothing by itself.
   *
   * Scope: `grant`.
   *
   * Besides what any request may be refused for: `not_found`, `contended`, `precision_exceeded`,
   * `amount_out_of_range`, `clock_backwards`.
   */
  putAlerts(account: string, body: AlertsBody, query?: Query<"put_alerts">, options?: CallOptions): Call<Alerts> {
    return new Call((more) =>
      this.perform({ method: "PUT", path: "/v1/accounts/{account}/alerts", parameters: { account }, body, query, options, clock: true }, more),
    );
  }

  /**
   * An account's own alerts.
   *
   * Scope: `read`.
   *
   * Besides what any request may be refused for: `not_found`.
   */
  getAlerts(account: string, query?: Query<"get_alerts">, options?: CallOptions): Call<Alerts> {
    return new Call((more) =>
      this.perform({ method: "GET", path: "/v1/accounts/{account}/alerts", parameters: { account }, query, options }, more),
    );
  }

  /**
   * Take an account's own alerts away.
   *
   * From this answer on the unit's count.
   *
   * Scope: `grant`.
   *
   * Besides what any request may be refused for: `not_found`, `contended`, `clock_backwards`.
   */
  deleteAlerts(account: string, query?: Query<"delete_alerts">, options?: CallOptions): Call<void> {
    return new Call((more) =>
      this.perform({ method: "DELETE", path: "/v1/accounts/{account}/alerts", parameters: { account }, query, options, clock: true }, more),
    );
  }

  /**
   * Notices that lots are to end.
   *
   * Each is given once, so long before its lot's end as the lot's terms say, and tells where it has arrived. Without
   * `unit` those of all units.
   *
   * Scope: `read`.
   *
   * Besides what any request may be refused for: `not_found`.
   */
  listNotices(account: string, query?: Query<"list_notices">, options?: CallOptions): Table<NoticePage> {
    return new Table((more) =>
      this.perform({ method: "GET", path: "/v1/accounts/{account}/notices", parameters: { account }, query, options }, more),
      "items",
    );
  }

  /**
   * Define a unit, or change it.
   *
   * A change binds what is granted later. Precision and order are fixed once the unit is used.
   *
   * Scope: `admin`.
   *
   * Besides what any request may be refused for: `contended`, `precision_exceeded`, `amount_out_of_range`,
   * `policy_violation`.
   */
  putUnit(unit: string, body: UnitBody, options?: CallOptions): Call<Unit> {
    return new Call((more) =>
      this.perform({ method: "PUT", path: "/v1/units/{unit}", parameters: { unit }, body, options, clock: true }, more),
    );
  }

  /**
   * A unit.
   *
   * Scope: `read`.
   *
   * Besides what any request may be refused for: `not_found`.
   */
  getUnit(unit: string, options?: CallOptions): Call<Unit> {
    return new Call((more) =>
      this.perform({ method: "GET", path: "/v1/units/{unit}", parameters: { unit }, options }, more),
    );
  }

  /**
   * Units.
   *
   * Scope: `read`.
   */
  listUnits(query?: Query<"list_units">, options?: CallOptions): Table<UnitPage> {
    return new Table((more) =>
      this.perform({ method: "GET", path: "/v1/units", parameters: {}, query, options }, more),
      "items",
    );
  }

  /**
   * Define a pack, or change it.
   *
   * A change touches no order that was made before.
   *
   * Scope: `admin`.
   *
   * Besides what any request may be refused for: `not_found`, `contended`, `precision_exceeded`,
   * `amount_out_of_range`.
   */
  putPack(pack: string, body: PackBody, options?: CallOptions): Call<Pack> {
    return new Call((more) =>
      this.perform({ method: "PUT", path: "/v1/packs/{pack}", parameters: { pack }, body, options, clock: true }, more),
    );
  }

  /**
   * A pack.
   *
   * Scope: `read`.
   *
   * Besides what any request may be refused for: `not_found`.
   */
  getPack(pack: string, options?: CallOptions): Call<Pack> {
    return new Call((more) =>
      this.perform({ method: "GET", path: "/v1/packs/{pack}", parameters: { pack }, options }, more),
    );
  }

  /**
   * Packs.
   *
   * Scope: `read`.
   */
  listPacks(query?: Query<"list_packs">, options?: CallOptions): Table<PackPage> {
    return new Table((more) =>
      this.perform({ method: "GET", path: "/v1/packs", parameters: {}, query, options }, more),
      "items",
    );
  }

  /**
   * Price a meter.
   *
   * Each PUT is a version, in force from its `effective_at` on. What was burned keeps its price.
   *
   * Scope: `admin`.
   *
   * Besides what any request may be refused for: `not_found`, `contended`, `policy_violation`.
   */
  putRate(meter: string, body: RateBody, options?: CallOptions): Call<RateCard> {
    return new Call((more) =>
      this.perform({ method: "PUT", path: "/v1/rates/{meter}", parameters: { meter }, body, options, clock: true }, more),
    );
  }

  /**
   * A meter's rate card.
   *
   * Scope: `read`.
   *
   * Besides what any request may be refused for: `not_found`.
   */
  getRate(meter: string, options?: CallOptions): Call<RateCard> {
    return new Call((more) =>
      this.perform({ method: "GET", path: "/v1/rates/{meter}", parameters: { meter }, options }, more),
    );
  }

  /**
   * Rate cards.
   *
   * Scope: `read`.
   */
  listRates(query?: Query<"list_rates">, options?: CallOptions): Table<RateCardPage> {
    return new Table((more) =>
      this.perform({ method: "GET", path: "/v1/rates", parameters: {}, query, options }, more),
      "items",
    );
  }

  /**
   * Price a meter for one account.
   *
   * It comes before the meter's own card, from its `effective_at` on: left out, from now on, and whatever is burned
   * after the answer is priced by it. The same again changes nothing.
   *
   * Scope: `admin`.
   *
   * Besides what any request may be refused for: `not_found`, `wallet_closed`, `contended`, `clock_backwards`,
   * `policy_violation`.
   */
  putOwnRate(account: string, meter: string, body: OwnRateBody, options?: CallOptions): Call<OwnRateCard> {
    return new Call((more) =>
      this.perform({ method: "PUT", path: "/v1/accounts/{account}/rates/{meter}", parameters: { account, meter }, body, options, clock: true }, more),
    );
  }

  /**
   * An account's own rate card.
   *
   * Scope: `read`.
   *
   * Besides what any request may be refused for: `not_found`.
   */
  getOwnRate(account: string, meter: string, options?: CallOptions): Call<OwnRateCard> {
    return new Call((more) =>
      this.perform({ method: "GET", path: "/v1/accounts/{account}/rates/{meter}", parameters: { account, meter }, options }, more),
    );
  }

  /**
   * End an account's own rate card.
   *
   * The meter's own card counts from now on; what was used before keeps its price.
   *
   * Scope: `admin`.
   *
   * Besides what any request may be refused for: `not_found`, `wallet_closed`, `contended`, `clock_backwards`.
   */
  deleteOwnRate(account: string, meter: string, options?: CallOptions): Call<void> {
    return new Call((more) =>
      this.perform({ method: "DELETE", path: "/v1/accounts/{account}/rates/{meter}", parameters: { account, meter }, options, clock: true }, more),
    );
  }

  /**
   * An account's own rate cards.
   *
   * Scope: `read`.
   *
   * Besides what any request may be refused for: `not_found`.
   */
  listOwnRates(account: string, query?: Query<"list_own_rates">, options?: CallOptions): Table<OwnRateCardPage> {
    return new Table((more) =>
      this.perform({ method: "GET", path: "/v1/accounts/{account}/rates", parameters: { account }, query, options }, more),
      "items",
    );
  }

  /**
   * Define a promotion, or change it.
   *
   * Scope: `admin`.
   *
   * Besides what any request may be refused for: `not_found`, `contended`, `precision_exceeded`,
   * `amount_out_of_range`, `policy_violation`.
   */
  putPromotion(code: string, body: PromotionBody, options?: CallOptions): Call<Promotion> {
    return new Call((more) =>
      this.perform({ method: "PUT", path: "/v1/promotions/{code}", parameters: { code }, body, options, clock: true }, more),
    );
  }

  /**
   * A promotion.
   *
   * Scope: `read`.
   *
   * Besides what any request may be refused for: `not_found`.
   */
  getPromotion(code: string, options?: CallOptions): Call<Promotion> {
    return new Call((more) =>
      this.perform({ method: "GET", path: "/v1/promotions/{code}", parameters: { code }, options }, more),
    );
  }

  /**
   * Promotions.
   *
   * Scope: `read`.
   */
  listPromotions(query?: Query<"list_promotions">, options?: CallOptions): Table<PromotionPage> {
    return new Table((more) =>
      this.perform({ method: "GET", path: "/v1/promotions", parameters: {}, query, options }, more),
      "items",
    );
  }

  /**
   * Make an API key.
   *
   * The key itself is stored nowhere. Under an `Idempotency-Key` there is one key, however often it is asked for, and
   * whoever asked is shown it each time.
   *
   * Scope: `admin`.
   *
   * Besides what any request may be refused for: `contended`, `idempotency_key_reused`.
   */
  createKey(body: KeyBody, options?: KeyedOptions): Call<ApiKey> {
    return new Call((more) =>
      this.perform({ method: "POST", path: "/v1/keys", parameters: {}, body, options, keyed: true, clock: true }, more),
    );
  }

  /**
   * API keys.
   *
   * Newest first. The keys themselves are shown by nobody.
   *
   * Scope: `admin`.
   */
  listKeys(query?: Query<"list_keys">, options?: CallOptions): Table<KeyPage> {
    return new Table((more) =>
      this.perform({ method: "GET", path: "/v1/keys", parameters: {}, query, options }, more),
      "items",
    );
  }

  /**
   * Give an API key a new secret.
   *
   * The `key_id` stays. The key of before works for another 24 h; where that was rotated within them, the one before
   * it ends at once.
   *
   * Scope: `admin`.
   *
   * Besides what any request may be refused for: `not_found`, `contended`, `idempotency_key_reused`,
   * `policy_violation`.
   */
  rotateKey(key_id: string, body?: RotationBody, options?: KeyedOptions): Call<ApiKey> {
    return new Call((more) =>
      this.perform({ method: "POST", path: "/v1/keys/{key_id}/rotation", parameters: { key_id }, body, options, keyed: true, clock: true }, more),
    );
  }

  /**
   * Delete an API key.
   *
   * Scope: `admin`.
   *
   * Besides what any request may be refused for: `not_found`, `contended`.
   */
  deleteKey(key_id: string, options?: CallOptions): Call<void> {
    return new Call((more) =>
      this.perform({ method: "DELETE", path: "/v1/keys/{key_id}", parameters: { key_id }, options, clock: true }, more),
    );
  }

  /**
   * Let a customer in for a while.
   *
   * The token is a key of one account, for a browser. It lives for a day at most, and is in no list.
   *
   * Scope: `grant`.
   *
   * Besides what any request may be refused for: `contended`, `idempotency_key_reused`.
   */
  createPortalSession(body: PortalSessionBody, options?: KeyedOptions): Call<PortalSession> {
    return new Call((more) =>
      this.perform({ method: "POST", path: "/v1/portal-sessions", parameters: {}, body, options, keyed: true, clock: true }, more),
    );
  }

  /**
   * What an order would agree to now.
   *
   * Show `terms` before the order, and order with `accept_terms` the `terms_version`: what changed in between is then
   * refused (409 `terms_changed`), not agreed to.
   *
   * Scope: `read`.
   *
   * Besides what any request may be refused for: `not_found`, `precision_exceeded`, `amount_out_of_range`.
   */
  packTerms(pack: string, query?: Query<"pack_terms">, options?: CallOptions): Call<Terms> {
    return new Call((more) =>
      this.perform({ method: "GET", path: "/v1/packs/{pack}/terms", parameters: { pack }, query, options }, more),
    );
  }

  /**
   * Order packs.
   *
   * Send the buyer to `checkout_url`. The credits are granted once the provider's webhook says that they are paid; of
   * a subscription each time. Where the provider does not answer (503), the same key goes on with the same order.
   * Where it has no checkout here (`standard`, `paddle`), your app opens its own and names `topup_id` in it.
   *
   * Scope: `top_up`.
   *
   * Besides what any request may be refused for: `idempotency_key_missing`, `not_found`, `terms_changed`,
   * `topup_not_open`, `contended`, `precision_exceeded`, `amount_out_of_range`, `idempotency_key_reused`,
   * `policy_violation`.
   */
  order(body: TopupBody, options?: KeyedOptions): Call<Topup> {
    return new Call((more) =>
      this.perform({ method: "POST", path: "/v1/topups", parameters: {}, body, options, keyed: true, clock: true }, more),
    );
  }

  /**
   * Orders, newest first.
   *
   * A key of one account sees the orders of that account.
   *
   * Scope: `read`.
   */
  listTopups(query?: Query<"list_topups">, options?: CallOptions): Table<TopupPage> {
    return new Table((more) =>
      this.perform({ method: "GET", path: "/v1/topups", parameters: {}, query, options, clock: true }, more),
      "items",
    );
  }

  /**
   * An order.
   *
   * Scope: `read`.
   *
   * Besides what any request may be refused for: `not_found`.
   */
  getOrder(topup_id: string, options?: CallOptions): Call<Topup> {
    return new Call((more) =>
      this.perform({ method: "GET", path: "/v1/topups/{topup_id}", parameters: { topup_id }, options, clock: true }, more),
    );
  }

  /**
   * Cancel an order that is not paid.
   *
   * Again, it answers the same. The provider is not asked: if the buyer pays at its checkout all the same, the
   * credits are granted.
   *
   * Scope: `top_up`.
   *
   * Besides what any request may be refused for: `not_found`, `topup_not_open`, `contended`.
   */
  cancelOrder(topup_id: string, body?: CancelBody, options?: CallOptions): Call<Topup> {
    return new Call((more) =>
      this.perform({ method: "POST", path: "/v1/topups/{topup_id}/cancel", parameters: { topup_id }, body, options, clock: true }, more),
    );
  }

  /**
   * Take what a payment provider says.
   *
   * For the provider. The signature, over the raw body, is the authentication. 200 once it is stored; any order and
   * any number of times ends in the same credits.
   *
   * Besides what any request may be refused for: `not_found`.
   */
  webhook(provider: string, body: unknown, options?: CallOptions): Call<Received> {
    return new Call((more) =>
      this.perform({ method: "POST", path: "/v1/webhooks/{provider}", parameters: { provider }, body, options, clock: true, open: true }, more),
    );
  }

  /**
   * Top up a wallet by itself.
   *
   * Needs `auto_top_up`, which `grant` includes. Where so many credits are available, or fewer, one order is made and
   * charged with the payment method that the buyer let you keep (`save_payment_method` of an order); without one it
   * waits for that (`needs_action`, `method_missing`). There are never two charges in flight for a wallet, and the
   * cap holds. To put it again, with `enabled` true, forgets failures.
   *
   * Scope: `auto_top_up`.
   *
   * Besides what any request may be refused for: `not_found`, `contended`, `precision_exceeded`,
   * `amount_out_of_range`, `policy_violation`.
   */
  putAutoTopup(
    account: string,
    body: AutoTopupBody,
    query?: Query<"put_auto_topup">,
    options?: CallOptions,
  ): Call<AutoTopup> {
    return new Call((more) =>
      this.perform({ method: "PUT", path: "/v1/accounts/{account}/auto-topup", parameters: { account }, body, query, options, clock: true }, more),
    );
  }

  /**
   * A wallet's automatic top-up.
   *
   * Scope: `auto_top_up`.
   *
   * Besides what any request may be refused for: `not_found`.
   */
  getAutoTopup(account: string, query?: Query<"get_auto_topup">, options?: CallOptions): Call<AutoTopup> {
    return new Call((more) =>
      this.perform({ method: "GET", path: "/v1/accounts/{account}/auto-topup", parameters: { account }, query, options, clock: true }, more),
    );
  }

  /**
   * Take a wallet's automatic top-up away.
   *
   * A charge that is in flight is followed to its end, and its credits are granted, all the same. What was charged
   * counts for the cap if it is put again.
   *
   * Scope: `auto_top_up`.
   *
   * Besides what any request may be refused for: `not_found`, `contended`.
   */
  deleteAutoTopup(account: string, query?: Query<"delete_auto_topup">, options?: CallOptions): Call<void> {
    return new Call((more) =>
      this.perform({ method: "DELETE", path: "/v1/accounts/{account}/auto-topup", parameters: { account }, query, options, clock: true }, more),
    );
  }

  /**
   * Say what follows a renewal or an automatic top-up that fails.
   *
   * Each prompt makes an order of the same sale and tells of it as the event `scrip.topup.prompt`, with a page to pay
   * on. Credits to go on with are granted once for each failure. It ends once any top-up of the wallet is paid. What
   * has begun keeps what it began with.
   *
   * Scope: `admin`.
   *
   * Besides what any request may be refused for: `contended`.
   */
  putDunning(body: DunningBody, options?: CallOptions): Call<Dunning> {
    return new Call((more) =>
      this.perform({ method: "PUT", path: "/v1/dunning", parameters: {}, body, options, clock: true }, more),
    );
  }

  /**
   * What follows a renewal or an automatic top-up that fails.
   *
   * Where nobody has said it: a prompt at once, after three days and after seven, and no grace.
   *
   * Scope: `admin`.
   */
  getDunning(options?: CallOptions): Call<Dunning> {
    return new Call((more) =>
      this.perform({ method: "GET", path: "/v1/dunning", parameters: {}, options }, more),
    );
  }

  /**
   * What followed an account's failures, newest first.
   *
   * One for each failure: of a renewal by its invoice, or by the period that is not paid where the provider gives
   * each try another name; of an automatic top-up by its order.
   *
   * Scope: `read`.
   */
  listDunning(account: string, query?: Query<"list_dunning">, options?: CallOptions): Table<DunningPage> {
    return new Table((more) =>
      this.perform({ method: "GET", path: "/v1/accounts/{account}/dunning", parameters: { account }, query, options }, more),
      "items",
    );
  }

  /**
   * What renews of an account.
   *
   * Scope: `read`.
   */
  listSubscriptions(
    account: string,
    query?: Query<"list_subscriptions">,
    options?: CallOptions,
  ): Table<SubscriptionPage> {
    return new Table((more) =>
      this.perform({ method: "GET", path: "/v1/accounts/{account}/subscriptions", parameters: { account }, query, options }, more),
      "items",
    );
  }

  /**
   * Cancel a subscription at its provider.
   *
   * Again, it answers the same. Nothing is refunded, and no credit is taken. Where Scrip does not call the provider's
   * API (`standard`, `paddle`) it is 422 `policy_violation`.
   *
   * Scope: `top_up`.
   *
   * Besides what any request may be refused for: `not_found`, `contended`, `policy_violation`.
   */
  cancelSubscription(
    account: string,
    provider: string,
    subscription_id: string,
    body?: CancelSubscriptionBody,
    options?: CallOptions,
  ): Call<Subscription> {
    return new Call((more) =>
      this.perform({ method: "POST", path: "/v1/accounts/{account}/subscriptions/{provider}/{subscription_id}/cancel", parameters: { account, provider, subscription_id }, body, options, once: true }, more),
    );
  }

  /**
   * Let a subscription go on that was to end.
   *
   * Again, it answers the same. One that is over is 422 `policy_violation`: order its pack anew.
   *
   * Scope: `top_up`.
   *
   * Besides what any request may be refused for: `not_found`, `contended`, `policy_violation`.
   */
  resumeSubscription(
    account: string,
    provider: string,
    subscription_id: string,
    body?: ResumeSubscriptionBody,
    options?: CallOptions,
  ): Call<Subscription> {
    return new Call((more) =>
      this.perform({ method: "POST", path: "/v1/accounts/{account}/subscriptions/{provider}/{subscription_id}/resume", parameters: { account, provider, subscription_id }, body, options, once: true }, more),
    );
  }

  /**
   * Payments.
   *
   * Those that Scrip heard of last come first. `parked`: something that their provider said could not be used, or
   * fits no order. No credit moves on a guess, and nothing is lost. Those that wait longest come first. A key of one
   * account sees the payments of that account.
   *
   * Scope: `read`.
   */
  listPayments(query?: Query<"list_payments">, options?: CallOptions): Table<PaymentPage> {
    return new Table((more) =>
      this.perform({ method: "GET", path: "/v1/payments", parameters: {}, query, options }, more),
      "items",
    );
  }

  /**
   * A payment.
   *
   * A key of one account sees the payments of that account; one that is nobody's yet needs scope `admin`.
   *
   * Scope: `read`.
   *
   * Besides what any request may be refused for: `not_found`.
   */
  getPayment(provider: string, payment_id: string, options?: CallOptions): Call<Payment> {
    return new Call((more) =>
      this.perform({ method: "GET", path: "/v1/payments/{provider}/{payment_id}", parameters: { provider, payment_id }, options }, more),
    );
  }

  /**
   * What a refund would come to.
   *
   * As of now: what has expired is not unspent. Moves nothing.
   *
   * Scope: `read`.
   *
   * Besides what any request may be refused for: `not_found`, `contended`, `clock_backwards`, `policy_violation`.
   */
  quoteRefund(
    provider: string,
    payment_id: string,
    query?: Query<"quote_refund">,
    options?: CallOptions,
  ): Call<RefundQuote> {
    return new Call((more) =>
      this.perform({ method: "GET", path: "/v1/payments/{provider}/{payment_id}/refund-quote", parameters: { provider, payment_id }, query, options, clock: true }, more),
    );
  }

  /**
   * Refund a payment.
   *
   * As money, the share of the credits is frozen, the provider is asked, and what it says is posted. Where it does
   * not answer (503) the credits stay frozen, and the same key asks again for the same. Where it has no API here,
   * your own gateway does the refund and names `request_id` in its webhook. As credit, the money is kept, and as many
   * credits come back as a lot of kind `refund`.
   *
   * Scope: `grant`.
   *
   * Besides what any request may be refused for: `idempotency_key_missing`, `not_found`, `wallet_closed`,
   * `contended`, `idempotency_key_reused`, `clock_backwards`, `policy_violation`.
   */
  refundPayment(
    provider: string,
    payment_id: string,
    body: PaymentRefundBody,
    options?: KeyedOptions,
  ): Call<PaymentRefunded> {
    return new Call((more) =>
      this.perform({ method: "POST", path: "/v1/payments/{provider}/{payment_id}/refunds", parameters: { provider, payment_id }, body, options, keyed: true, clock: true }, more),
    );
  }

  /**
   * Decide about a payment that waits.
   *
   * `accept`: it pays this order, whatever differs. `dismiss`: what it waits for now was looked at. `state`: a refund
   * or dispute is of this amount. `settle`: it ended so. Needs no key: the same again changes nothing.
   *
   * Scope: `admin`.
   *
   * Besides what any request may be refused for: `not_found`, `contended`, `precision_exceeded`,
   * `amount_out_of_range`, `clock_backwards`, `policy_violation`.
   */
  resolvePayment(provider: string, payment_id: string, body: ResolutionBody, options?: CallOptions): Call<Resolved> {
    return new Call((more) =>
      this.perform({ method: "POST", path: "/v1/payments/{provider}/{payment_id}/resolutions", parameters: { provider, payment_id }, body, options, clock: true }, more),
    );
  }

  /**
   * What a provider lists against what is here.
   *
   * For one day, as of the last comparison. There is one a day, over several days; reports are kept for 31.
   *
   * Scope: `read`.
   *
   * Besides what any request may be refused for: `not_found`.
   */
  getReconciliation(query: Query<"get_reconciliation">, options?: CallOptions): Report<Reconciliation> {
    return new Report((more) =>
      this.perform({ method: "GET", path: "/v1/reports/reconciliation", parameters: {}, query, options, clock: true }, more),
    );
  }

  /**
   * What each entry posts.
   *
   * Of the entries that are booked in a month, in pages or as a file that another program imports. Amounts in tables
   * and files have all decimals of their currency; a currency that a program cannot hold is refused, never rounded.
   *
   * Scope: `admin`.
   *
   * Besides what any request may be refused for: `not_found`.
   */
  getJournal(query: Query<"get_journal">, options?: CallOptions): Table<JournalPage> {
    return new Table((more) =>
      this.perform({ method: "GET", path: "/v1/reports/journal", parameters: {}, query, options, clock: true }, more),
      "items",
    );
  }

  /**
   * What the books say of a month, or of an instant.
   *
   * By currency, in minor units, each adding up. It says what it has seen of the ledger. A table has amounts with all
   * decimals of their currency.
   *
   * Scope: `admin`.
   *
   * Besides what any request may be refused for: `not_found`.
   */
  getReport(name: string, query?: Query<"get_report">, options?: CallOptions): Report<BooksReport | Export> {
    return new Report((more) =>
      this.perform({ method: "GET", path: "/v1/reports/{name}", parameters: { name }, query, options, clock: true }, more),
    );
  }

  /**
   * Say what the accounts of the books are called.
   *
   * It replaces what was said before; an account that is left out has its own name again. Two accounts may have one
   * name: they are one account of your books. A colon stands between an account and one under it. What a closed month
   * was told under stays as it was.
   *
   * Scope: `admin`.
   *
   * Besides what any request may be refused for: `contended`.
   */
  putChartOfAccounts(body: ChartOfAccountsBody, options?: CallOptions): Call<ChartOfAccounts> {
    return new Call((more) =>
      this.perform({ method: "PUT", path: "/v1/chart-of-accounts", parameters: {}, body, options, clock: true }, more),
    );
  }

  /**
   * What the accounts of the books are called.
   *
   * Every account has a name where nobody said one, but `promotional_expense`: without a name nothing is booked to
   * it.
   *
   * Scope: `admin`.
   */
  getChartOfAccounts(options?: CallOptions): Call<ChartOfAccounts> {
    return new Call((more) =>
      this.perform({ method: "GET", path: "/v1/chart-of-accounts", parameters: {}, options }, more),
    );
  }

  /**
   * Pay lines of an invoice with credits.
   *
   * As much of them as credits can pay, up to `max`, at the unit's `value`: less than a minor unit of credits is lost
   * to rounding, and no debt is made. The credits are burned; the entry's reference is the invoice. No line is ever
   * paid more than it says, by however many applications.
   *
   * Scope: `admin`.
   *
   * Besides what any request may be refused for: `idempotency_key_missing`, `budget_exceeded`,
   * `insufficient_credits`, `not_found`, `wallet_closed`, `wallet_frozen`, `invoice_void`, `contended`,
   * `precision_exceeded`, `amount_out_of_range`, `idempotency_key_reused`, `clock_backwards`, `policy_violation`.
   */
  applyToInvoice(invoice_id: string, body: ApplicationBody, options?: KeyedOptions): Call<Applied> {
    return new Call((more) =>
      this.perform({ method: "POST", path: "/v1/invoices/{invoice_id}/applications", parameters: { invoice_id }, body, options, keyed: true, clock: true }, more),
    );
  }

  /**
   * Give back all credits that were applied to an invoice.
   *
   * To the lots that they came from, with their money. What goes back to a lot that has ended ends at once. Nothing
   * is applied to a void invoice any more.
   *
   * Scope: `admin`.
   *
   * Besides what any request may be refused for: `idempotency_key_missing`, `not_found`, `wallet_closed`,
   * `invoice_void`, `contended`, `amount_out_of_range`, `idempotency_key_reused`, `clock_backwards`,
   * `policy_violation`.
   */
  voidInvoice(invoice_id: string, body?: InvoiceVoidBody, options?: KeyedOptions): Call<VoidedInvoice> {
    return new Call((more) =>
      this.perform({ method: "POST", path: "/v1/invoices/{invoice_id}/void", parameters: { invoice_id }, body, options, keyed: true, clock: true }, more),
    );
  }

  /**
   * Which credits paid which line of an invoice.
   *
   * Scope: `admin`.
   *
   * Besides what any request may be refused for: `not_found`.
   */
  getInvoice(invoice_id: string, options?: CallOptions): Call<Invoice> {
    return new Call((more) =>
      this.perform({ method: "GET", path: "/v1/invoices/{invoice_id}", parameters: { invoice_id }, options }, more),
    );
  }

  /**
   * A month of a wallet, signed.
   *
   * Opening, every entry, closing, in credits and in money: whoever has it and the public key checks all of it
   * without any access, see docs/statements.md. What is due is booked first. A month that runs is `provisional`, and
   * so is one that is being closed. A month that was closed ends as its close has seen it. The first statement of a
   * wallet with very many entries takes several requests: 503 with `Retry-After` until they are counted.
   *
   * Scope: `admin`.
   *
   * Besides what any request may be refused for: `not_found`, `contended`, `clock_backwards`.
   */
  getStatement(
    account: string,
    month: string,
    query?: Query<"get_statement">,
    options?: CallOptions,
  ): Table<Statement, "entries"> {
    return new Table((more) =>
      this.perform({ method: "GET", path: "/v1/accounts/{account}/statements/{month}", parameters: { account, month }, query, options, clock: true }, more),
      "entries",
    );
  }

  /**
   * The public keys of statements.
   *
   * Keep those that you trust: a statement is checked with keys that you have from before, not with ones that come
   * along with it.
   *
   * Besides what any request may be refused for: `contended`.
   */
  listStatementKeys(options?: CallOptions): Call<StatementKeyList> {
    return new Call((more) =>
      this.perform({ method: "GET", path: "/v1/statement-keys", parameters: {}, options, open: true }, more),
    );
  }

  /**
   * Close a month.
   *
   * From ten minutes after it is over. Books what was due in it, proves that the archive has all of it, and freezes
   * its reports, and those of the open months right before it; then it answers the same for ever. What comes later
   * for a closed month is booked in the first open one. A close that takes longer goes on by itself: the same request
   * again says how far it is.
   *
   * Scope: `admin`.
   *
   * Besides what any request may be refused for: `period_not_over`, `not_complete`.
   */
  closePeriod(period: string, body: CloseBody, options?: CallOptions): Call<Period> {
    return new Call((more) =>
      this.perform({ method: "POST", path: "/v1/periods/{period}/close", parameters: { period }, body, options, once: true, clock: true }, more),
    );
  }

  /**
   * A month, and its close.
   *
   * Scope: `admin`.
   *
   * Besides what any request may be refused for: `not_found`.
   */
  getPeriod(period: string, options?: CallOptions): Call<Period> {
    return new Call((more) =>
      this.perform({ method: "GET", path: "/v1/periods/{period}", parameters: { period }, options }, more),
    );
  }

  /**
   * Closed months.
   *
   * The latest first.
   *
   * Scope: `admin`.
   */
  listPeriods(query?: Query<"list_periods">, options?: CallOptions): Table<PeriodPage> {
    return new Table((more) =>
      this.perform({ method: "GET", path: "/v1/periods", parameters: {}, query, options }, more),
      "items",
    );
  }

  /**
   * Have files written of entries, the journal, lots or usage.
   *
   * They are written in the background, of all that was committed before; ask for the export until it is `done`. The
   * files are deleted after seven days.
   *
   * Scope: `admin`.
   *
   * Besides what any request may be refused for: `idempotency_key_missing`, `contended`, `idempotency_key_reused`,
   * `policy_violation`.
   */
  createExport(body: ExportBody, options?: KeyedOptions): Call<Export> {
    return new Call((more) =>
      this.perform({ method: "POST", path: "/v1/exports", parameters: {}, body, options, keyed: true, clock: true }, more),
    );
  }

  /**
   * An export: how far it is, and its files.
   *
   * Scope: `admin`.
   *
   * Besides what any request may be refused for: `not_found`.
   */
  getExport(export_id: string, options?: CallOptions): Call<Export> {
    return new Call((more) =>
      this.perform({ method: "GET", path: "/v1/exports/{export_id}", parameters: { export_id }, options }, more),
    );
  }

  /**
   * Webhook endpoints.
   *
   * By id. Their secrets are shown by nobody.
   *
   * Scope: `admin`.
   */
  listWebhookEndpoints(query?: Query<"list_webhook_endpoints">, options?: CallOptions): Table<WebhookEndpointPage> {
    return new Table((more) =>
      this.perform({ method: "GET", path: "/v1/webhook-endpoints", parameters: {}, query, options }, more),
      "items",
    );
  }

  /**
   * Have events sent to a URL.
   *
   * All of it is replaced but the secret. A new one has a secret, which is shown this once.
   *
   * Scope: `admin`.
   *
   * Besides what any request may be refused for: `contended`, `policy_violation`.
   */
  putWebhookEndpoint(
    endpoint_id: string,
    body: WebhookEndpointBody,
    options?: CallOptions,
  ): Call<WebhookEndpoint | NewWebhookEndpoint> {
    return new Call((more) =>
      this.perform({ method: "PUT", path: "/v1/webhook-endpoints/{endpoint_id}", parameters: { endpoint_id }, body, options, clock: true }, more),
    );
  }

  /**
   * A webhook endpoint.
   *
   * Scope: `admin`.
   *
   * Besides what any request may be refused for: `not_found`.
   */
  getWebhookEndpoint(endpoint_id: string, options?: CallOptions): Call<WebhookEndpoint> {
    return new Call((more) =>
      this.perform({ method: "GET", path: "/v1/webhook-endpoints/{endpoint_id}", parameters: { endpoint_id }, options }, more),
    );
  }

  /**
   * Delete a webhook endpoint.
   *
   * Scope: `admin`.
   *
   * Besides what any request may be refused for: `not_found`, `contended`.
   */
  deleteWebhookEndpoint(endpoint_id: string, options?: CallOptions): Call<void> {
    return new Call((more) =>
      this.perform({ method: "DELETE", path: "/v1/webhook-endpoints/{endpoint_id}", parameters: { endpoint_id }, options, clock: true }, more),
    );
  }

  /**
   * Give a webhook endpoint a new secret.
   *
   * The secret of before signs beside it for another 24 h; where that was rotated within them, the one before it ends
   * at once.
   *
   * Scope: `admin`.
   *
   * Besides what any request may be refused for: `not_found`, `contended`, `idempotency_key_reused`.
   */
  rotateWebhookEndpoint(
    endpoint_id: string,
    body?: EndpointRotationBody,
    options?: KeyedOptions,
  ): Call<RotatedWebhookEndpoint> {
    return new Call((more) =>
      this.perform({ method: "POST", path: "/v1/webhook-endpoints/{endpoint_id}/rotation", parameters: { endpoint_id }, body, options, keyed: true, clock: true }, more),
    );
  }

  /**
   * Send a test to a webhook endpoint.
   *
   * An event of type `scrip.webhook.test`, whatever the endpoint's `types` say, and though it be disabled.
   *
   * Scope: `admin`.
   *
   * Besides what any request may be refused for: `not_found`, `contended`, `idempotency_key_reused`.
   */
  sendTestWebhook(endpoint_id: string, body?: EndpointTestBody, options?: KeyedOptions): Call<EndpointTest> {
    return new Call((more) =>
      this.perform({ method: "POST", path: "/v1/webhook-endpoints/{endpoint_id}/test", parameters: { endpoint_id }, body, options, keyed: true, clock: true }, more),
    );
  }

  /**
   * Send events of before again.
   *
   * What the endpoint's `types` and `accounts` fit now, also from before it was made; with the ids of before. What
   * follows from no entry is kept for 31 days.
   *
   * Scope: `admin`.
   *
   * Besides what any request may be refused for: `not_found`, `contended`, `idempotency_key_reused`.
   */
  replayWebhooks(endpoint_id: string, body: ReplayBody, options?: KeyedOptions): Call<Replay> {
    return new Call((more) =>
      this.perform({ method: "POST", path: "/v1/webhook-endpoints/{endpoint_id}/replays", parameters: { endpoint_id }, body, options, keyed: true, clock: true }, more),
    );
  }

  /**
   * What was sent to a webhook endpoint.
   *
   * Newest events first, of the last 35 days.
   *
   * Scope: `admin`.
   *
   * Besides what any request may be refused for: `not_found`.
   */
  listWebhookDeliveries(
    endpoint_id: string,
    query?: Query<"list_webhook_deliveries">,
    options?: CallOptions,
  ): Table<WebhookDeliveryPage> {
    return new Table((more) =>
      this.perform({ method: "GET", path: "/v1/webhook-endpoints/{endpoint_id}/deliveries", parameters: { endpoint_id }, query, options }, more),
      "items",
    );
  }

  /**
   * This document.
   */
  getOpenapi(options?: CallOptions): Call<Contract> {
    return new Call((more) =>
      this.perform({ method: "GET", path: "/v1/openapi.json", parameters: {}, options, open: true }, more),
    );
  }

  /**
   * What is deployed here.
   */
  getVersion(options?: CallOptions): Call<Version> {
    return new Call((more) =>
      this.perform({ method: "GET", path: "/v1/version", parameters: {}, options, open: true }, more),
    );
  }

  /**
   * Whether requests are answered.
   */
  getHealth(options?: CallOptions): Call<Health> {
    return new Call((more) =>
      this.perform({ method: "GET", path: "/v1/health", parameters: {}, options, open: true }, more),
    );
  }
}
