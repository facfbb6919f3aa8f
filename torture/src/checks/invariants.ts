/**
 * What must be true of the database when everything has come to rest, whatever was played: each promise with a query that gives the
 * objects that break it, and how. Written without the platform's own statements, so that a mistake of theirs is not repeated here.
 */
export const invariants: Readonly<Record<string, string>> = {
  "an order number is paid at most once": `
    select min(id) as object, 'paid ' || count(*) || ' times: ' || out_trade_no as what
      from payments where status in ('authorized', 'succeeded')
     group by merchant_id, livemode, out_trade_no having count(*) > 1`,

  "a payment moved what it says, from its payer to its merchant, and nothing otherwise": `
    with moved as (
      select t.reference,
             coalesce(sum(t.amount) filter (where d.code = 'wallet'), 0) as given,
             coalesce(sum(t.amount) filter (where c.code = 'merchant_pending'), 0)
               - coalesce(sum(t.amount) filter (where d.code = 'merchant_pending'), 0) as got
        from ledger_transfers t
        join ledger_accounts d on d.id = t.debit_account_id and d.lane = 0
        join ledger_accounts c on c.id = t.credit_account_id and c.lane = 0
       where t.reference like 'pay\\_%' and t.kind in ('posted', 'post')
       group by t.reference)
    select p.id as object,
           format('%s: captured %s, fee %s of %s; the payer gave %s, the merchant got %s', p.status, p.amount_captured, p.fee,
                  p.fee_bearer, coalesce(m.given, 0), coalesce(m.got, 0)) as what
      from payments p left join moved m on m.reference = p.id
     where (p.status = 'succeeded') <> (p.amount_captured > 0)
        or (p.method is distinct from 'bank' and coalesce(m.given, 0) <>
             case when p.status = 'succeeded' then p.amount_captured + case p.fee_bearer when 'payer' then p.fee else 0 end else 0 end)
        or coalesce(m.got, 0) <>
             case when p.status = 'succeeded' then p.amount_captured - case p.fee_bearer when 'merchant' then p.fee else 0 end else 0 end`,

  "refunds never pass what their payment took": `
    select p.id as object, format('captured %s, refunded %s, its refunds add up to %s; fees %s and %s of %s', p.amount_captured,
             p.amount_refunded, coalesce(r.amount, 0), p.fee_returned, coalesce(r.fee, 0), p.fee) as what
      from payments p
      left join (select merchant_id, livemode, payment_id, sum(amount) as amount, sum(fee_returned) as fee
                   from refunds where status <> 'failed' group by 1, 2, 3) r
             on r.merchant_id = p.merchant_id and r.livemode = p.livemode and r.payment_id = p.id
     where coalesce(r.amount, 0) <> p.amount_refunded or coalesce(r.amount, 0) > p.amount_captured
        or coalesce(r.fee, 0) <> p.fee_returned or coalesce(r.fee, 0) > p.fee`,

  "a refund moved what it says, and nothing when it failed": `
    with moved as (
      select t.reference,
             coalesce(sum(t.amount) filter (where c.code in ('wallet', 'bank_clearing')), 0) as given,
             coalesce(sum(t.amount) filter (where d.code like 'merchant\\_%'), 0)
               - coalesce(sum(t.amount) filter (where c.code like 'merchant\\_%'), 0) as taken
        from ledger_transfers t
        join ledger_accounts d on d.id = t.debit_account_id and d.lane = 0
        join ledger_accounts c on c.id = t.credit_account_id and c.lane = 0
       where t.reference like 'ref\\_%' and t.code in ('refund', 'refund_fee') and t.kind in ('posted', 'post')
       group by t.reference)
    select r.id as object, format('%s of %s, fee back %s to the %s; the payer got %s, the merchant gave %s', r.status, r.amount,
             r.fee_returned, p.fee_bearer, coalesce(m.given, 0), coalesce(m.taken, 0)) as what
      from refunds r
      join payments p on p.merchant_id = r.merchant_id and p.livemode = r.livemode and p.id = r.payment_id
      left join moved m on m.reference = r.id
     where coalesce(m.given, 0) <>
             case when r.status = 'succeeded' then r.amount + case p.fee_bearer when 'payer' then r.fee_returned else 0 end else 0 end
        or coalesce(m.taken, 0) <>
             case when r.status = 'succeeded' then r.amount - case p.fee_bearer when 'merchant' then r.fee_returned else 0 end else 0 end`,

  "a transfer has two sides that say the same": `
    select id as object, format('%s sides of %s to %s', count(*), min(amount), max(amount)) as what
      from transfers group by id
    having count(*) <> 2 or min(amount) <> max(amount) or count(distinct direction) <> 2
        or min(owner_id) <> min(counterparty_id) or max(owner_id) <> max(counterparty_id)`,

  "a wallet holds what its objects say": `
    with moves as (
      select payer_id as owner_id, -(amount_captured + case fee_bearer when 'payer' then fee else 0 end) as change
        from payments where status = 'succeeded' and method = 'wallet'
      union all
      select p.payer_id, r.amount + case p.fee_bearer when 'payer' then r.fee_returned else 0 end
        from refunds r join payments p on p.merchant_id = r.merchant_id and p.livemode = r.livemode and p.id = r.payment_id
       where r.status = 'succeeded' and p.method = 'wallet'
      union all
      select owner_id, case direction when 'in' then amount else -amount end from transfers
      union all
      select owner_id, case status when 'succeeded' then amount when 'returned' then amount_owed else 0 end
        from bank_movements where type = 'topup'
      union all
      select owner_id, -amount from bank_movements where type = 'withdrawal' and status = 'succeeded'
      union all
      select a.owner_id, t.amount from ledger_transfers t join ledger_accounts a on a.id = t.credit_account_id and a.lane = 0
       where t.code = 'adjustment' and a.code = 'wallet')
    select a.owner_id as object, format('holds %s, its objects add up to %s; %s held', a.credits_posted - a.debits_posted,
             coalesce(m.change, 0), a.debits_pending) as what
      from ledger_accounts a left join (select owner_id, sum(change) as change from moves group by 1) m using (owner_id)
     where a.code = 'wallet' and (a.credits_posted - a.debits_posted <> coalesce(m.change, 0) or a.debits_pending <> 0)`,

  "a merchant has what its objects say": `
    with moves as (
      select merchant_id as owner_id, amount_captured - case fee_bearer when 'merchant' then fee else 0 end as change
        from payments where status = 'succeeded'
      union all
      select r.merchant_id, -(r.amount - case p.fee_bearer when 'merchant' then r.fee_returned else 0 end)
        from refunds r join payments p on p.merchant_id = r.merchant_id and p.livemode = r.livemode and p.id = r.payment_id
       where r.status = 'succeeded')
    select a.owner_id as object, format('has %s, its objects add up to %s', a.has, coalesce(m.change, 0)) as what
      from (select owner_id, sum(credits_posted - debits_posted) as has, sum(debits_pending + credits_pending) as pending
              from ledger_accounts where code like 'merchant\\_%' group by 1) a
      left join (select owner_id, sum(change) as change from moves group by 1) m using (owner_id)
     where a.has <> coalesce(m.change, 0) or a.pending <> 0`,

  "the platform's fees are those of the payments less those given back": `
    select 'fees' as object, format('%s instead of %s', f.has, f.should) as what
      from (select (select coalesce(sum(credits_posted - debits_posted), 0) from ledger_accounts where code = 'fees') as has,
                   (select coalesce(sum(fee), 0) from payments where status = 'succeeded')
                     - (select coalesce(sum(fee_returned), 0) from refunds where status = 'succeeded') as should) f
     where f.has <> f.should`,

  "the bank's own books equal ours": `
    select 'bank_clearing' as object, format('%s by our books, %s by the bank''s', b.ours, b.theirs) as what
      from (select (select coalesce(sum(debits_posted - credits_posted), 0) from ledger_accounts where code = 'bank_clearing')
                     - (select coalesce(sum(t.amount), 0) from ledger_transfers t
                          join ledger_accounts a on a.id = t.debit_account_id and a.lane = 0
                         where t.code = 'adjustment' and a.code = 'bank_clearing') as ours,
                   (select coalesce(sum(platform_change), 0) from embedded_bank_entries) as theirs) b
     where b.ours <> b.theirs`,

  "we and the bank tell the same of every bank order": `
    select coalesce(i.reference, o.reference) as object, format('%s here, %s at the bank', i.state, o.state) as what
      from bank_instructions i full join embedded_bank_orders o on o.reference = i.reference
     where i.reference is null or i.amount <> o.amount
        -- What we took back before the bank acknowledged it may never have come there.
        or coalesce(o.state, 'never told') not in (
             select unnest(case i.state when 'late' then array['succeeded'] when 'withdrawn' then array['never told', 'refused']
                                        else array[i.state] end))`,

  "a top-up or withdrawal is what its bank order is": `
    select m.id as object, format('%s, and its bank order is %s', m.status, i.state) as what
      from bank_movements m left join bank_instructions i on i.reference = m.id
     where i.reference is null
        or m.status <> case i.state when 'refused' then 'failed' when 'late' then 'failed' else i.state end`,

  "statistics equal a recount": `
    with counted as (
      select merchant_id, sum(succeeded) as succeeded, sum(failed) as failed, sum(volume) as volume, sum(refunds) as refunds,
             sum(refunded) as refunded
        from statistics group by 1),
    recount as (
      select m.id as merchant_id,
             (select count(*) from payments p where p.merchant_id = m.id and p.status = 'succeeded') as succeeded,
             (select count(*) from payments p where p.merchant_id = m.id and p.status = 'failed') as failed,
             (select coalesce(sum(amount_captured), 0) from payments p where p.merchant_id = m.id and p.status = 'succeeded') as volume,
             (select count(*) from refunds r where r.merchant_id = m.id and r.status = 'succeeded') as refunds,
             (select coalesce(sum(amount), 0) from refunds r where r.merchant_id = m.id and r.status = 'succeeded') as refunded
        from merchants m)
    select merchant_id as object, format('counted %s, there are %s', to_json(c), to_json(r)) as what
      from recount r left join counted c using (merchant_id)
     where (coalesce(c.succeeded, 0), coalesce(c.failed, 0), coalesce(c.volume, 0), coalesce(c.refunds, 0), coalesce(c.refunded, 0))
        <> (r.succeeded, r.failed, r.volume, r.refunds, r.refunded)`,

  "records add up to what the balance changed by": `
    with noted as (
      select owner_id, sum(case when result = 'failed' then 0 when direction = 'in' then amount - fee else -amount - fee end) as net
        from records
       -- What a user paid from a bank account, or got back there, is no business of the wallet.
       where not (owner_id >= 'usr' and type in ('payment', 'refund') and method <> 'wallet')
       group by 1),
    held as (
      select owner_id, sum(credits_posted - debits_posted) as has from ledger_accounts
       where code = 'wallet' or code like 'merchant\\_%' group by 1),
    opening as (
      select a.owner_id, sum(t.amount) as amount
        from ledger_transfers t join ledger_accounts a on a.id = t.credit_account_id and a.lane = 0
       where t.code = 'adjustment' and a.code = 'wallet' group by 1)
    select h.owner_id as object, format('opening %s and records of %s make %s, and there is %s', coalesce(o.amount, 0),
             coalesce(n.net, 0), coalesce(o.amount, 0) + coalesce(n.net, 0), h.has) as what
      from held h left join noted n using (owner_id) left join opening o using (owner_id)
     where coalesce(o.amount, 0) + coalesce(n.net, 0) <> h.has`,
};
