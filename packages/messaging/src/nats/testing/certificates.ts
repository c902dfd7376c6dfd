import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export const hasOpenssl = (path = process.env.PATH ?? ""): boolean =>
  path.split(delimiter).some((folder) => existsSync(join(folder, "openssl")));

export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
}

/** An authority of the test's own, valid for a day, whose certificates lie in `directory`. */
export const createAuthority = async (directory: string, name: string) => {
  const caFile = join(directory, `${name}.pem`);
  const caKey = join(directory, `${name}-key.pem`);
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  await run("openssl", [
    "req",
    "-x509",
    ...newKey,
    "-keyout",
    caKey,
    "-out",
    caFile,
    "-days",
    "1",
    "-subj",
    `/CN=${name}`,
  ]);
  return {
    caFile,
    /** `names` as in a certificate: `IP:127.0.0.1`, `DNS:localhost`. */
    async issue(subject: string, names: string): Promise<Certificate> {
      const file = (part: string) => join(directory, `${subject}${part}.pem`);
      const [certFile, keyFile] = [file(""), file("-key")];
      const [request, extensions] = [file("-request"), file("-extensions")];
      await writeFile(extensions, `subjectAltName=${names}\nextendedKeyUsage=serverAuth,clientAuth\n`);
      await run("openssl", ["req", ...newKey, "-keyout", keyFile, "-out", request, "-subj", `/CN=${subject}`]);
      const signing = ["-CA", caFile, "-CAkey", caKey, "-CAcreateserial", "-days", "1", "-extfile", extensions];
      await run("openssl", ["x509", "-req", "-in", request, ...signing, "-out", certFile]);
      return { certFile, keyFile };
    },
  };
};
