import { isId, type Viewer } from "@supergraph/service";
import DataLoader from "dataloader";
import { findAddresses } from "./db/addresses.ts";
import type { Db } from "./db/connection.ts";
import type { AddressRow } from "./db/schema.ts";
import { type ActiveUser, findUsers } from "./db/users.ts";
import { maySeeUser } from "./domain/visibility.ts";

export interface Loaders {
  /** Users by id. Null for whom the viewer may not see exactly as for who does not exist. */
  readonly visibleUser: DataLoader<string, ActiveUser | null>;
  /** Addresses by the id of a user whom the viewer may see, in the order of `User.addresses`. */
  readonly addressesOfUser: DataLoader<string, AddressRow[]>;
}

/** Made for one request: what they remember is true for this viewer and this moment only. */
export const createLoaders = (db: Db, viewer: Viewer | null): Loaders => ({
  visibleUser: new DataLoader(async (ids) => {
    const askable = ids.filter((id) => isId("usr", id) && maySeeUser(viewer, id));
    const found = askable.length > 0 ? await findUsers(db, askable) : [];
    const byId = new Map(found.map((user) => [user.id, user]));
    return ids.map((id) => byId.get(id) ?? null);
  }, BATCHES),
  addressesOfUser: new DataLoader(async (userIds) => {
    const byUser = new Map(userIds.map((id): [string, AddressRow[]] => [id, []]));
    for (const address of await findAddresses(db, userIds)) byUser.get(address.userId)?.push(address);
    return userIds.map((id) => byUser.get(id) ?? []);
  }, BATCHES),
});

/** A request may name more users than a statement of Postgres takes parameters. */
const BATCHES = { maxBatchSize: 10_000 };
