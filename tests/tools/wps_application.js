// A stand-in for WPS's Application whose workbooks are open in the tests' Excel: every member asks for it.
// ENGINE is put before it. The classes have the names of the published typings, and no member that those lack.
"use strict";
(() => {
  const ask = (...request) => {
    const wire = new XMLHttpRequest();
    wire.open("POST", ENGINE, false);
    wire.send(JSON.stringify(request));
    const answer = JSON.parse(wire.responseText);
    if ("problem" in answer) throw new Error(answer.problem);
    return answer.result;
  };
  const letters = (n) => (n > 0 ? letters(Math.floor((n - 1) / 26)) + String.fromCharCode(65 + ((n - 1) % 26)) : "");
  const number = (text) => [...text].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0);
  const MOST = [1048576, 16384];
  const areaOf = (text) => {
    const [, c1, r1, c2 = c1, r2 = r1] = /^\$?([A-Z]*)\$?(\d*)(?::\$?([A-Z]*)\$?(\d*))?$/.exec(text);
    return [+(r1 || 1), c1 ? number(c1) : 1, +(r2 || MOST[0]), c2 ? number(c2) : MOST[1]];
  };
  // What the typings do not know is not there, whoever asks.
  const strict = (object) =>
    new Proxy(object, {
      get(target, name) {
        if (typeof name === "string" && !(name in target)) throw new Error(`WPS has no ${target.constructor.name}.${name}`);
        const value = Reflect.get(target, name, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
      set(target, name, value) {
        if (!(name in target)) throw new Error(`WPS has no ${target.constructor.name}.${name}`);
        return Reflect.set(target, name, value, target);
      },
    });
  const raw = new WeakMap();
  const make = (object) => {
    const made = strict(object);
    raw.set(made, object);
    return made;
  };
  const PASTE = { "-4122": "formats", 6: "validation" };
  const CALCULATION = { automatic: -4105, manual: -4135, semiautomatic: 2 };
  let copied = null;

  class Count {
    #count;
    constructor(count) { this.#count = count; }
    get Count() { return this.#count; }
  }
  class EtBorders {
    #range;
    constructor(range) { this.#range = range; }
    get LineStyle() { return this.#range.at("line_style"); }
  }
  class KsoShape {
    Width = 0;
    Height = 0;
  }
  class EtComment {
    #range; #text;
    constructor(range, text) { this.#range = range; this.#text = text; this.Shape = make(new KsoShape()); }
    Text() { return this.#text; }
    get Parent() { return make(this.#range); }
    Delete() { const { sheet, area } = this.#range.place(); sheet.ask("delete_note", area[0], area[1]); }
  }
  class EtRange {
    #sheet; #area; #read = null;
    constructor(sheet, area) { this.#sheet = sheet; this.#area = area; }
    place() { return { sheet: this.#sheet, area: this.#area }; }
    at(command, ...more) { return this.#sheet.ask(command, this.#area, ...more); }
    #rows(which) {
      this.#read = this.#read || this.at("read");
      const rows = this.#read[which];
      return rows.length === 1 && rows[0].length === 1 ? rows[0][0] : rows;
    }
    get Row() { return this.#area[0]; }
    get Column() { return this.#area[1]; }
    get Rows() { return make(new Count(this.#area[2] - this.#area[0] + 1)); }
    get Columns() { return make(new Count(this.#area[3] - this.#area[1] + 1)); }
    get Worksheet() { return make(this.#sheet); }
    get Value2() { return this.#rows(0); }
    set Value2(value) { this.#read = null; this.at("write", Array.isArray(value) ? value : [[value]]); }
    get Formula() { return this.#rows(1); }
    set Formula(text) { this.#read = null; this.at("set_formula", text); }
    get NumberFormat() { return this.at("get_format"); }
    set NumberFormat(code) { this.at("set_format", code); }
    get Borders() { return make(new EtBorders(this)); }
    get HasArray() { return String(this.#rows(1)).startsWith("{="); }
    get RowHeight() { return this.at("get_size", true); }
    set RowHeight(size) { this.at("set_size", true, size); }
    get ColumnWidth() { return this.at("get_size", false); }
    set ColumnWidth(size) { this.at("set_size", false, size); }
    get Comment() {
      const found = this.#sheet.ask("notes").find((note) => note[0] === this.Row && note[1] === this.Column);
      return found ? make(new EtComment(this, found[2])) : null;
    }
    AddComment(text) { this.#sheet.ask("add_note", this.Row, this.Column, text); return make(new EtComment(this, text)); }
    AutoFill(to, kind) {
      if (kind !== 3) throw new Error("AutoFill " + kind);
      this.at("fill_formats", raw.get(to).place().area);
    }
    Select() {
      if (ask("state", "sheet") !== this.#sheet.Name) throw new Error("Select method of Range class failed");
      ask("note", "cell", letters(this.Column) + this.Row);
    }
    Insert(shift, like) {
      if (like !== 0 || ![-4121, -4161].includes(shift)) throw new Error("Insert " + shift);
      this.at("insert", shift === -4121);
    }
    Delete(shift) { this.at("delete", shift === -4162); }
    Copy() { copied = this.place(); }
    PasteSpecial(kind) { this.#sheet.ask("paste", copied.area, this.#area, PASTE[kind]); }
    Merge() { this.at("merge", true); }
    UnMerge() { this.at("merge", false); }
  }
  class EtComments {
    #sheet;
    constructor(sheet) { this.#sheet = sheet; }
    get Count() { return this.#sheet.ask("notes").length; }
    Item(index) {
      const [row, column, text] = this.#sheet.ask("notes")[index - 1];
      return make(new EtComment(new EtRange(this.#sheet, [row, column, row, column]), text));
    }
  }
  class EtWorksheet {
    #book; #name;
    constructor(book, name) { this.#book = book; this.#name = name; }
    ask(command, ...more) { return ask(command, this.#book.FullName, this.#name, ...more); }
    get Name() { return this.#name; }
    get Visible() { return -1; }
    set Visible(_) {}
    get UsedRange() { return make(new EtRange(this, [1, 1, ...this.ask("used")])); }
    get FilterMode() { return ask("state", "filtered"); }
    ShowAllData() { ask("note", "filtered", false); }
    get Comments() { return make(new EtComments(this)); }
    Range(text) { return make(new EtRange(this, areaOf(text))); }
    Activate() { ask("note", "sheet", this.#name); }
  }
  class EtSheets {
    #book; #found = null;
    constructor(book) { this.#book = book; }
    #all() { return (this.#found = this.#found || ask("sheets", this.#book.FullName)); }
    get Count() { return this.#all().length; }
    Item(which) {
      const names = this.#all();
      const name = typeof which === "number" ? names[which - 1] : names.find((each) => each === which);
      if (name === undefined) throw new Error("Subscript out of range");
      return make(new EtWorksheet(this.#book, name));
    }
  }
  class EtName {
    #book; #name; #text;
    constructor(book, name, text) { this.#book = book; this.#name = name; this.#text = text; }
    get Name() { return this.#name; }
    get RefersTo() { return this.#text; }
    set RefersTo(text) { this.#text = text; ask("set_name", this.#book.FullName, this.#name, text); }
    get RefersToRange() {
      const [, sheet, area] = /^='?(.*?)'?!(.*)$/.exec(this.#text);
      return make(new EtRange(new EtWorksheet(this.#book, sheet), areaOf(area)));
    }
  }
  class EtNames {
    #book; #found = null;
    constructor(book) { this.#book = book; }
    #all() { return (this.#found = this.#found || ask("names", this.#book.FullName)); }
    get Count() { return this.#all().length; }
    Item(which) {
      const found = typeof which === "number" ? this.#all()[which - 1] : this.#all().find((each) => each[0] === which);
      if (!found) throw new Error("no such name");
      return make(new EtName(this.#book, ...found));
    }
  }
  class EtWorkbook {
    #path;
    constructor(path) { this.#path = path; }
    get Name() { return this.#path.split("/").pop(); }
    get FullName() { return this.#path; }
    get ReadOnly() { return ask("state", "read_only"); }
    get Names() { return make(new EtNames(this)); }
    get Worksheets() { return make(new EtSheets(this)); }
  }
  class EtWorksheetFunction {
    IsError(range) { const { sheet, area } = raw.get(range).place(); return sheet.ask("is_error", area); }
  }
  class EtApplication {
    get ActiveWorkbook() {
      const path = ask("active");
      return path ? make(new EtWorkbook(path)) : null;
    }
    get ActiveCell() {
      const [cell, sheet] = [ask("state", "cell"), ask("state", "sheet")];
      return cell && sheet ? make(new EtRange(new EtWorksheet(new EtWorkbook(ask("active")), sheet), areaOf(cell))) : null;
    }
    get Calculation() { return CALCULATION[ask("state", "calculation")]; }
    set Calculation(value) {
      const name = Object.keys(CALCULATION).find((each) => CALCULATION[each] === value);
      ask("note", "calculation", name);
      ask("automatic", name === "automatic");
    }
    get StatusBar() { return ask("state", "status_bar"); }
    set StatusBar(value) { ask("note", "status_bar", value); }
    get ScreenUpdating() { return ask("state", "screen_updating"); }
    set ScreenUpdating(value) { ask("note", "screen_updating", value); }
    get EnableEvents() { return ask("state", "enable_events"); }
    set EnableEvents(value) { ask("note", "enable_events", value); }
    get DisplayAlerts() { return ask("state", "display_alerts"); }
    set DisplayAlerts(value) { ask("note", "display_alerts", value); }
    get CutCopyMode() { return 0; }
    set CutCopyMode(_) { copied = null; }
    get WorksheetFunction() { return make(new EtWorksheetFunction()); }
    Calculate() { ask("calculate"); }
    get FileSystem() { return FILES; }
    get OAAssist() { return ASSISTANT; }
  }
  const FILES = {
    Exists: (path) => ask("exists", path),
    ReadFile: (path) => ask("read_file", path),
  };
  const ASSISTANT = { ShellExecute: (file, words) => ask("shell", file, words) };
  const classes = [EtBorders, KsoShape, EtComment, EtRange, EtComments, EtWorksheet, EtSheets, EtName, EtNames, EtWorkbook, EtWorksheetFunction, EtApplication];
  const own = new Set(["constructor", "ask", "at", "place"]);
  window.STAND_IN = Object.fromEntries(
    classes.map((each) => [each.name, Object.getOwnPropertyNames(each.prototype).filter((name) => !own.has(name))])
  );
  window.Application = make(new EtApplication());
  window.alert = (text) => ask("message", text, false);
  window.confirm = (text) => ask("message", text, true);
})();
