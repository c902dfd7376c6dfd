import { createServer } from "node:http";
import { Pool } from "undici";

/** The least that a router of one fetch can do with these tools: what came is sent on to one subgraph, and its answer back. */
const { origin, pathname: path } = new URL(process.env.SUBGRAPH_URL);
const pool = new Pool(origin);

createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const headers = { "content-type": "application/json", authorization: request.headers.authorization ?? "" };
  const answer = await pool.request({ path, method: "POST", headers, body: Buffer.concat(chunks) });
  const body = Buffer.from(await answer.body.arrayBuffer());
  response.writeHead(answer.statusCode, { "content-type": "application/json", "content-length": body.length });
  response.end(body);
}).listen(Number(process.env.PORT), "127.0.0.1");
