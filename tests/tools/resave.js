// Fill cells of a workbook and save it, as programs of districts do:
//   node resave.js
// A line each: {"writer": "exceljs" | "sheetjs" | "sheetjs-plain", "source", "target", "cells"} is
// answered by the line "" once the file is written, or by what went wrong, as JSON.
// cells: {"sheet": {"A1": number | text | true | null | {"formula": "..."} | {"note": "..."}}}
"use strict";

const readline = require("node:readline");

const isNote = (value) => value !== null && typeof value === "object" && "note" in value;
const isFormula = (value) => value !== null && typeof value === "object" && !isNote(value);

async function withExceljs(source, target, cells) {
  const ExcelJS = require("exceljs");
  const book = new ExcelJS.Workbook();
  await book.xlsx.readFile(source);
  for (const [name, values] of Object.entries(cells)) {
    const sheet = book.getWorksheet(name);
    for (const [ref, value] of Object.entries(values)) {
      if (isNote(value)) sheet.getCell(ref).note = value.note;
      else sheet.getCell(ref).value = value;
    }
  }
  await book.xlsx.writeFile(target);
}

function sheetjsCell(old, value) {
  const kept = old && old.s !== undefined ? { s: old.s, z: old.z } : {};
  if (isFormula(value)) return { ...kept, t: "n", f: value.formula };
  const types = { number: "n", string: "s", boolean: "b" };
  return { ...kept, t: types[typeof value], v: value };
}

function withSheetjs(source, target, cells, options) {
  const XLSX = require("xlsx");
  const book = XLSX.readFile(source, options);
  for (const [name, values] of Object.entries(cells)) {
    const sheet = book.Sheets[name];
    const used = XLSX.utils.decode_range(sheet["!ref"] || "A1");
    for (const [ref, value] of Object.entries(values)) {
      if (value === null) {
        delete sheet[ref];
        continue;
      }
      if (isNote(value)) {
        sheet[ref] = sheet[ref] || { t: "z" };
        sheet[ref].c = [{ a: "李红", t: value.note }];
        sheet[ref].c.hidden = true;
        continue;
      }
      sheet[ref] = sheetjsCell(sheet[ref], value);
      const at = XLSX.utils.decode_cell(ref);
      used.e.r = Math.max(used.e.r, at.r);
      used.e.c = Math.max(used.e.c, at.c);
    }
    sheet["!ref"] = XLSX.utils.encode_range(used);
  }
  XLSX.writeFile(book, target, options);
}

async function write({ writer, source, target, cells }) {
  if (writer === "exceljs") await withExceljs(source, target, cells);
  else if (writer === "sheetjs") {
    withSheetjs(source, target, cells, { cellStyles: true, cellNF: true });
  } else if (writer === "sheetjs-plain") withSheetjs(source, target, cells, {});
  else throw new Error(`no writer ${writer}`);
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const problem = await write(JSON.parse(line)).then(() => "", (fault) => String(fault.stack));
    process.stdout.write(JSON.stringify(problem) + "\n");
  }
}

main();
