// Fill cells of a workbook and save it, as programs of districts do:
//   node resave.js exceljs|sheetjs|sheetjs-plain SOURCE TARGET < cells.json
// cells.json: {"sheet": {"A1": number | text | true | null | {"formula": "..."} | {"note": "..."}}}
"use strict";

const fs = require("node:fs");

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

async function main([writer, source, target]) {
  const cells = JSON.parse(fs.readFileSync(0, "utf8"));
  if (writer === "exceljs") await withExceljs(source, target, cells);
  else if (writer === "sheetjs") {
    withSheetjs(source, target, cells, { cellStyles: true, cellNF: true });
  } else if (writer === "sheetjs-plain") withSheetjs(source, target, cells, {});
  else throw new Error(`no writer ${writer}`);
}

main(process.argv.slice(2)).catch((problem) => {
  console.error(problem);
  process.exit(1);
});
