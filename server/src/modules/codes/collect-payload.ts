import { merchantProfile, storeOf, terminalOf } from "#modules/merchants";
import { type CollectCode, writeCollectCode } from "./collect-code.ts";
import { amountFits } from "./emvco/merchant-presented.ts";

export interface CollectPlace {
  readonly storeId: string | null;
  readonly terminalId: string | null;
  readonly orderNumber: string | null;
}

/**
 * The text of a collect code, labelled as its merchant, store and terminal are called now. Nothing when the amount has no room in
 * EMVCo's 13 characters. Throws `not_found` for a merchant that does not exist.
 */
export async function collectPayload(
  code: CollectCode,
  { storeId, terminalId, orderNumber }: CollectPlace,
): Promise<string | null> {
  if (code.amount !== null && !amountFits(code.amount, code.currency)) return null;
  const merchant = await merchantProfile(code.merchantId);
  const store = storeId === null ? undefined : await storeOf(code, storeId);
  const terminal = terminalId === null ? undefined : await terminalOf(code, terminalId);
  return writeCollectCode(code, {
    merchant,
    store: store?.name ?? null,
    terminal: terminal?.name ?? null,
    orderNumber,
  });
}
