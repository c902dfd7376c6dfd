import type { CallerContext } from "@supergraph/service";
import { makeDeleteAddress } from "./commands/delete-address.ts";
import { makeDeleteUser } from "./commands/delete-user.ts";
import type { Deps } from "./commands/deps.ts";
import { makeLogin } from "./commands/login.ts";
import { makeLogout } from "./commands/logout.ts";
import { makeRefreshSession } from "./commands/refresh-session.ts";
import { makeRegister } from "./commands/register.ts";
import { makeSaveAddress } from "./commands/save-address.ts";
import { makeSetUserRoles } from "./commands/set-user-roles.ts";
import type { Loaders } from "./loaders.ts";

export const createCommands = (deps: Deps) => ({
  register: makeRegister(deps),
  login: makeLogin(deps),
  refreshSession: makeRefreshSession(deps),
  logout: makeLogout(deps),
  saveAddress: makeSaveAddress(deps),
  deleteAddress: makeDeleteAddress(deps),
  setUserRoles: makeSetUserRoles(deps),
  deleteUser: makeDeleteUser(deps),
});

export type Commands = ReturnType<typeof createCommands>;

export interface Context extends CallerContext {
  readonly commands: Commands;
  readonly loaders: Loaders;
}
