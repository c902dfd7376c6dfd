import { encodeAccount, encodeOperator, encodeUser, fmtCreds } from "@nats-io/jwt";
import { createAccount, createOperator, createUser } from "@nats-io/nkeys";

/** An operator with one account that may use JetStream: the server's part of the configuration, and users' `.creds`. */
export const createOperatorMode = async () => {
  const operator = createOperator();
  const system = createAccount();
  const shop = createAccount();
  const unlimited = {
    mem_storage: -1,
    disk_storage: -1,
    streams: -1,
    consumer: -1,
    conn: -1,
    subs: -1,
    data: -1,
    payload: -1,
  };
  const operatorToken = await encodeOperator("O", operator, { system_account: system.getPublicKey() });
  const tokens = {
    [system.getPublicKey()]: await encodeAccount("SYS", system, {}, { signer: operator }),
    [shop.getPublicKey()]: await encodeAccount("SHOP", shop, { limits: unlimited }, { signer: operator }),
  };
  return {
    config: [
      `operator: ${operatorToken}`,
      `system_account: ${system.getPublicKey()}`,
      "resolver: MEMORY",
      `resolver_preload: { ${Object.entries(tokens)
        .map(([key, token]) => `${key}: ${token}`)
        .join(", ")} }`,
      "",
    ].join("\n"),
    /** The text of a file for a user of the account. */
    async credentials(name: string): Promise<string> {
      const user = createUser();
      return new TextDecoder().decode(fmtCreds(await encodeUser(name, user, shop), user));
    },
    /** Of an account that the operator knows nothing of. */
    async foreignCredentials(): Promise<string> {
      const user = createUser();
      return new TextDecoder().decode(fmtCreds(await encodeUser("stranger", user, createAccount()), user));
    },
  };
};
