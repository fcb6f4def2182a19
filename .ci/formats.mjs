// Writes the findings of the JSON report with GitHub's own library, and compares with ours line by line.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [work, installed] = process.argv.slice(2);
const core = await import(pathToFileURL(path.resolve(installed, "node_modules/@actions/core/lib/core.js")));
const { diagnostics } = JSON.parse(fs.readFileSync(path.join(work, "findings.json"), "utf8"));
const ours = fs.readFileSync(path.join(work, "findings.github"), "utf8").split("\n").filter(Boolean);

const theirs = [];
const write = process.stdout.write;
process.stdout.write = (text) => theirs.push(String(text).trimEnd());
for (const it of diagnostics) {
  const message = [it.message, ...it.notes, ...(it.help ? [`help: ${it.help}`] : [])].join("\n");
  const lines = { startLine: it.start.line, endLine: it.end.line };
  const columns = { startLine: it.start.line, startColumn: it.start.column, endColumn: Math.max(it.end.column, it.start.column) };
  const place = it.start.line === it.end.line ? columns : lines;
  const tell = { error: core.error, warning: core.warning, info: core.notice }[it.level];
  tell(message, { file: it.path, title: it.rule, ...place });
}
process.stdout.write = write;

// Properties may stand in any order.
const sorted = (line) => line.replace(/^(::\w+ )(.*?)::/, (_, command, properties) => `${command}${properties.split(",").sort()}::`);
const differ = Array.from({ length: Math.max(ours.length, theirs.length) }, (_, at) => at)
  .filter((at) => sorted(ours[at] ?? "") !== sorted(theirs[at] ?? ""));
for (const at of differ) console.log(`ours:   ${ours[at]}\ntheirs: ${theirs[at]}`);
console.log(`${ours.length} commands`);
process.exit(differ.length || !ours.length ? 1 : 0);
