// SPDX-License-Identifier: LGPL-2.1-or-later
// check.mjs FILE...: manifests say what Kubernetes understands. Values are held against its published schemas, which take a field that
// nobody knows; names are therefore held against the types made of the same schemas. Then each field of each manifest is misspelt once,
// and all of that has to be refused: a check that lets it pass is no check.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, resolve } from "node:path";
import ts from "typescript";
import { parseAllDocuments } from "yaml";

const require = createRequire(import.meta.url);
let failed = 0;
const complain = (line) => {
  console.log(line);
  failed = 1;
};

// Their keys are the user's words.
const maps = new Set(["labels", "annotations", "matchLabels", "nodeSelector", "limits", "requests"]);
const isMap = (path, value) => maps.has(path.at(-1)) || (path.join() === "spec,selector" && !value.matchLabels);

// Each [path, key] that is a field.
function* fields(value, path = []) {
  if (value === null || typeof value !== "object") return;
  for (const [key, inner] of Object.entries(value)) {
    if (!Array.isArray(value) && !isMap(path, value)) yield [path, key];
    yield* fields(inner, [...path, key]);
  }
}

function misspelt(document, path, key) {
  const copy = structuredClone(document);
  const at = path.reduce((value, step) => value[step], copy);
  at[`${key}x`] = at[key];
  delete at[key];
  return copy;
}

// Sources for the compiler: one for a document, and one for each way to misspell it.
const sources = new Map();
const titles = new Map();

function addSource(title, { apiVersion, kind }, document) {
  const name = resolve(`document-${sources.size}.ts`);
  sources.set(
    name,
    `import type { I${kind} } from "kubernetes-models/${apiVersion}/${kind}";\nexport const it: I${kind} = ${JSON.stringify(document, null, 1)};\n`,
  );
  titles.set(name, title);
  return name;
}

function compile() {
  const options = {
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    types: [],
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.CommonJS,
    moduleResolution: ts.ModuleResolutionKind.Node10,
  };
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists, getSourceFile } = host;
  host.readFile = (name) => sources.get(name) ?? readFile(name);
  host.fileExists = (name) => sources.has(name) || fileExists(name);
  host.getSourceFile = (name, language, ...rest) =>
    sources.has(name) ? ts.createSourceFile(name, sources.get(name), language) : getSourceFile(name, language, ...rest);
  const program = ts.createProgram([...sources.keys()], options, host);
  const answers = new Map([...sources.keys()].map((name) => [name, []]));
  for (const found of ts.getPreEmitDiagnostics(program)) {
    const line = ts.flattenDiagnosticMessageText(found.messageText, "; ");
    if (answers.has(found.file?.fileName)) answers.get(found.file.fileName).push(line);
    else complain(`types: ${line}`);
  }
  return answers;
}

// What is ours to promise of a manifest, as [what, whether it holds]; a copy that breaks one has to be noticed, too.
const pods = (document) => [document.spec?.template?.spec ?? (document.kind === "Pod" ? document.spec : null)].filter(Boolean);
const directories = ["/usr/libexec/oci", "/etc/cdi"];
function* rules(document) {
  for (const pod of pods(document)) {
    yield ["no token", pod.automountServiceAccountToken === false];
    for (const { path } of (pod.volumes ?? []).map((volume) => volume.hostPath).filter(Boolean))
      yield [`${path} of the node`, directories.includes(path)];
    for (const container of pod.containers) {
      for (const probe of ["startupProbe", "readinessProbe", "livenessProbe"].map((name) => container[name]).filter(Boolean))
        yield ["a probe has a time-out of 5 s or more", probe.timeoutSeconds >= 5];
      if (document.kind === "DaemonSet") {
        const script = container.args.join("\n");
        const removed = script.slice(script.indexOf("remove()"), script.indexOf("trap"));
        const put = script.slice(script.indexOf("mkdir"));
        const inOrder = (text, first, last) => text.indexOf(first) >= 0 && text.indexOf(first) < text.lastIndexOf(last);
        yield ["an image by its digest", /@sha256:[0-9a-f]{64}$/.test(container.image)];
        yield ["seccomp", pod.securityContext?.seccompProfile?.type === "RuntimeDefault"];
        yield ["the CDI file goes first", inOrder(removed, "/node/cdi/", "hooks.d/oci-systemd-hook")];
        yield ["the CDI file comes last", inOrder(put, "hooks.d/oci-systemd-hook", "/node/cdi/")];
        yield ["files come in one rename", /^\s*mv -f "\$3.new" "\$3"$/m.test(script) && !/(cp|install|>).*\/node\/cdi/.test(script)];
      } else {
        yield ["a terminal, for the log", container.tty === true];
        yield ["a way to stop", Boolean(container.lifecycle?.preStop)];
      }
    }
  }
}
const broken = (document) => [...rules(document)].filter(([, holds]) => !holds).map(([what]) => what);
const breakages = [
  (pod) => delete pod.automountServiceAccountToken,
  (pod) => (pod.volumes = [{ name: "x", hostPath: { path: "/etc/containerd" } }]),
  (pod) => (pod.containers[0].startupProbe = { exec: { command: ["true"] } }),
  (pod) => (pod.containers[0].image = "registry.example/x:latest") && delete pod.containers[0].tty,
];
function checkRules(title, document) {
  for (const what of broken(document)) complain(`${title}: ${what}: no`);
  if (pods(document).length)
    breakages.forEach((breakage, number) => {
      const copy = structuredClone(document);
      breakage(pods(copy)[0]);
      if (!broken(copy).length) complain(`${title}: breakage ${number + 1} is not noticed`);
    });
}

const good = [];
const bad = [];
for (const file of process.argv.slice(2)) {
  parseAllDocuments(readFileSync(file, "utf8")).forEach((parsed, number) => {
    const title = `${basename(file)}, document ${number + 1}`;
    for (const error of [...parsed.errors, ...parsed.warnings]) complain(`${title}: ${error.message}`);
    const document = parsed.toJS();
    const type = { apiVersion: document?.apiVersion, kind: document?.kind };
    try {
      const Model = require(`kubernetes-models/${type.apiVersion}/${type.kind}`)[type.kind];
      new Model(document).validate();
    } catch (error) {
      complain(`${title}: ${error.message}`);
      return;
    }
    good.push(addSource(title, type, document));
    checkRules(title, document);
    for (const [path, key] of fields(document))
      bad.push(addSource(`${title}: ${[...path, key].join(".")}, misspelt`, type, misspelt(document, path, key)));
  });
}
const answers = compile();
for (const name of good) for (const line of answers.get(name)) complain(`${titles.get(name)}: ${line}`);
for (const name of bad) if (!answers.get(name).length) complain(`${titles.get(name)}, is not noticed`);
if (good.length < process.argv.length - 2) complain("a file has no manifest");
if (bad.length < 10 * good.length) complain(`only ${bad.length} misspelt fields of ${good.length} manifests`);
if (!failed) console.log(`kubernetes: ${good.length} manifests are valid; ${bad.length} misspelt fields, all refused`);
process.exitCode = failed;
