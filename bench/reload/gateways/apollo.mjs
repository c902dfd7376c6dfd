import { readFile } from "node:fs/promises";
import { ApolloGateway } from "@apollo/gateway";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { serveOrders } from "./measured.mjs";

/** Apollo Server with its own gateway, told of supergraphs as by the poll or the message of a registry. */
const read = (path) => readFile(path, "utf8");
let update;
const gateway = new ApolloGateway({
  supergraphSdl: async (told) => {
    update = told.update;
    return { supergraphSdl: await read(process.env.SUPERGRAPH_PATH) };
  },
});
const { url } = await startStandaloneServer(new ApolloServer({ gateway }), { listen: { host: "127.0.0.1", port: 0 } });
serveOrders({ url, reload: async (path) => update(await read(path)) });
