// The add-in's page inside WPS: the ribbon's callbacks, and what a verb asks of the open workbook.
//
// A press opens a WebSocket to the program, which runs the verb and sends batches of operations; each batch
// is carried out in one turn on WPS's own object model (Excel's, in JavaScript) and answered at once. Nothing
// is decided here about figures. INSTALLED comes from installed.js, written by `xl-addin wps install`.
// WPS brings an old Chromium: nothing newer than ES2017.
"use strict";

const CALCULATION = { automatic: -4105, manual: -4135, semiautomatic: 2 };
const NO_LINE = -4142;
const FILL_FORMATS = 3;
const PASTE = { formats: -4122, validation: 6 };
const SHIFT = { down: -4121, right: -4161, up: -4162, left: -4159 };
const VISIBLE = -1;
const FAULT_NUMBERS = [-2146826290, -2146826230];
const FAULT_TEXT = /^#[A-Z_/0]+[!?]?$/;
const WAITS = { first: 1000, start: 15000, again: 250 };
const TITLE = "年度任务";
const ALARM = "　⚠"; // WPS's boxes have one face

let running = false;
/** What each sheet held when the program last looked, by its name. @type {Object<string, string>} */
let seen = {};

// --- what the ribbon calls ---------------------------------------------------------------------

function OnAddinLoad() {
  return true;
}

/** @param {{Id: string}} control */
function GetImage(control) {
  return "images/" + control.Id + ".png";
}

/** @param {{Id: string}} control */
function OnAction(control) {
  press(control.Id);
  return true;
}

/** @param {string} id */
async function press(id) {
  const button = INSTALLED.buttons[id] || { label: TITLE };
  if (running) {
    return say("上一次操作还没有做完，请等它完成（状态栏里看得到进度）再点。", button.label);
  }
  running = true;
  try {
    const book = application().ActiveWorkbook;
    if (!book) throw new Error("没有打开的工作簿；请先打开任务文件夹里的主表（master.xlsm）再点。");
    if (button.block) show(book, button.block);
    else await run(book, id, await connect());
  } catch (error) {
    say(words(error), button.label);
  } finally {
    running = false;
  }
}

/** Go to the sheet that a name of the master points at. */
function show(book, name) {
  let sheet;
  try {
    sheet = book.Names.Item(name).RefersToRange.Worksheet;
  } catch (error) {
    sheet = null;
  }
  if (!sheet) {
    throw new Error(
      "这个工作簿里没有名称 " + name + "，它不是年度任务的主表，或者名称被删掉了；请打开主表（master.xlsm）再点。"
    );
  }
  if (sheet.Visible !== VISIBLE) sheet.Visible = VISIBLE;
  sheet.Activate();
}

// --- the way to the program --------------------------------------------------------------------

function application() {
  return window.Application || window.wps.EtApplication();
}

function root() {
  return window.Application && window.Application.FileSystem ? window.Application : window.wps;
}

/** The add-in's own folder, as WPS's file functions take it. */
function folder() {
  const path = decodeURIComponent(location.pathname).replace(/\/[^/]*$/, "");
  if (location.host) return "//" + location.host + path;
  return path.replace(/^\/([A-Za-z]:)/, "$1");
}

/** Where the program waits and by what both know each other; null while it does not. */
function session() {
  const path = folder() + "/session.json";
  try {
    return root().FileSystem.Exists(path) ? JSON.parse(root().FileSystem.ReadFile(path)) : null;
  } catch (error) {
    return null;
  }
}

/** A connection to the program, which is started where it does not wait. */
async function connect() {
  if (!location.host && !root().FileSystem.Exists(folder() + "/installed.js")) {
    throw new Error(
      "年度任务的 WPS 加载项已经去掉。请完全退出 WPS 再打开，这些按钮就没有了；还要用，请先运行 xl-addin wps install。"
    );
  }
  const found = await knock(session(), WAITS.first);
  if (found) return found;
  application().StatusBar = "正在启动年度任务的程序……";
  try {
    root().OAAssist.ShellExecute(INSTALLED.start[0], INSTALLED.start[1]);
    for (let until = Date.now() + WAITS.start; Date.now() < until; ) {
      await new Promise((done) => setTimeout(done, WAITS.again));
      const socket = await knock(session(), WAITS.first);
      if (socket) return socket;
    }
  } finally {
    application().StatusBar = false;
  }
  throw new Error(
    "年度任务的程序没有启动。请打开终端（Windows 是命令提示符），运行 xl-addin serve，再点一次按钮；" +
      "每次都这样，请运行 xl-addin wps install --with-session；还不行，运行 xl-addin wps status，它会说明哪里不对。"
  );
}

/** A connection on which the program has proved that it is ours; null where nobody or a stranger answers. */
function knock(where, patience) {
  if (!where) return Promise.resolve(null);
  return new Promise((done) => {
    const socket = new WebSocket("ws://127.0.0.1:" + where.port + "/");
    const give = (found) => {
      clearTimeout(late);
      socket.onopen = socket.onmessage = socket.onerror = socket.onclose = null;
      if (!found) socket.close();
      done(found);
    };
    const late = setTimeout(() => give(null), patience);
    socket.onopen = () => socket.send(JSON.stringify({ token: where.token }));
    socket.onmessage = (event) => give(event.data === where.proof ? socket : null);
    socket.onerror = socket.onclose = () => give(null);
  });
}

/** One verb, from its name to its end; what WPS was like is put back however it ends. */
function run(book, id, socket) {
  const before = state();
  seen = {};
  return new Promise((done, fail) => {
    let ended = false;
    socket.onmessage = (event) => {
      const asked = JSON.parse(event.data);
      ended = ended || !!asked.end;
      if (asked.batch) {
        const answer = perform(book, asked.batch);
        if (asked.answer) socket.send(JSON.stringify(answer));
      }
      if (ended) socket.close();
    };
    socket.onclose = () => {
      restore(before);
      if (ended) done();
      else fail(new Error("程序中途停了；已经完成的部分都保留着，再点一次会接着做。"));
    };
    socket.send(JSON.stringify({ press: id, version: INSTALLED.version }));
  });
}

function state() {
  const app = application();
  return {
    Calculation: app.Calculation,
    EnableEvents: app.EnableEvents,
    ScreenUpdating: app.ScreenUpdating,
    DisplayAlerts: app.DisplayAlerts,
  };
}

function restore(before) {
  const app = application();
  const put = (work) => {
    try {
      work();
    } catch (error) {
      // The others are put back all the same.
    }
  };
  put(() => (app.Calculation = before.Calculation));
  put(() => (app.EnableEvents = before.EnableEvents));
  put(() => (app.ScreenUpdating = before.ScreenUpdating));
  put(() => (app.DisplayAlerts = before.DisplayAlerts));
  put(() => (app.StatusBar = false));
}

function say(text, title) {
  alert(title + "\n\n" + text);
}

function words(error) {
  return String((error && error.message) || error);
}

// --- batches -----------------------------------------------------------------------------------

/**
 * Carry out operations in order. The first that fails ends the batch but for those that are `always` done
 * (they put WPS back); one that is `soft` answers false instead.
 */
function perform(book, batch) {
  const results = [];
  let failed = null;
  for (const each of batch) {
    let result = null;
    if (!failed || each.always) {
      try {
        const found = OPERATIONS[each.do](book, each);
        result = found === undefined ? null : found;
      } catch (error) {
        if (each.soft) result = false;
        else if (!failed) failed = { where: each.where || "", says: words(error), told: !!error.told };
      }
    }
    results.push(result);
  }
  return { results: results, failed: failed };
}

const OPERATIONS = {
  /** The workbook, its names, its sheets and what is selected. */
  book(book) {
    const app = application();
    const cell = app.ActiveCell;
    return {
      name: book.Name,
      fullname: book.FullName,
      readonly: !!book.ReadOnly,
      names: each(book.Names, (name) => [name.Name, name.RefersTo]),
      sheets: each(book.Worksheets, (sheet) => sheet.Name),
      selected: cell ? [cell.Worksheet.Name, cell.Row, cell.Column] : null,
      calculation: Object.keys(CALCULATION).find((name) => CALCULATION[name] === app.Calculation),
    };
  },

  /** All that stands on sheets: on those named, or on every one. */
  look(book, op) {
    const sheets = book.Worksheets;
    const names = op.sheets || each(sheets, (sheet) => sheet.Name);
    return names.map((name) => {
      const sheet = sheets.Item(name);
      const found = contents(sheet);
      seen[name] = fingerprint(found);
      found.name = name;
      found.notes = each(sheet.Comments, (note) => [
        note.Parent.Row,
        note.Parent.Column,
        String(note.Text()).replace(/\r/g, ""),
      ]);
      return found;
    });
  },

  /** Fails where somebody has changed one of these sheets since the program looked. */
  unchanged(book, op) {
    for (const name of op.sheets) {
      if (fingerprint(contents(book.Worksheets.Item(name))) !== seen[name]) {
        const error = new Error("工作表“" + name + "”在操作中间被人改过，没有写入；请再点一次");
        throw Object.assign(error, { told: true });
      }
    }
  },

  /** Number formats of areas: [area, format] for each part that has one format. */
  formats(book, op) {
    const sheet = book.Worksheets.Item(op.sheet);
    return [].concat.apply([], op.areas.map((area) => pieces(sheet, area)));
  },

  /** Values into an area: `typed` as Excel is to take them, `plain` for cells that hold text whatever is typed. */
  type(book, op) {
    const sheet = book.Worksheets.Item(op.sheet);
    if (sheet.FilterMode) sheet.ShowAllData(); // what it hides would no longer be what it was set to hide
    if (op.list) copyFormats(sheet, op.area);
    for (const [area, look] of pieces(sheet, op.area)) {
      const text = look === "@";
      const typed = part(op.typed, op.area, area);
      const number = typed.some((row) => row.some((value) => typeof value === "number"));
      const target = cells(sheet, area);
      // A number typed into a text cell would become text, which no sum adds up.
      if (text && number) target.NumberFormat = "General";
      target.Value2 = text && !number ? part(op.plain, op.area, area) : typed;
      if (text && number) target.NumberFormat = look;
    }
  },

  calculate() {
    application().Calculate();
  },

  /** A property of WPS. */
  property(book, op) {
    const value = op.name === "Calculation" ? CALCULATION[op.value] : op.value;
    const app = application();
    if (op.name === "StatusBar") app.StatusBar = value;
    else if (op.name === "ScreenUpdating") app.ScreenUpdating = value;
    else if (op.name === "EnableEvents") app.EnableEvents = value;
    else if (op.name === "DisplayAlerts") app.DisplayAlerts = value;
    else if (op.name === "Calculation") app.Calculation = value;
    else throw new Error(op.name);
  },

  note(book, op) {
    const note = cells(book.Worksheets.Item(op.sheet), op.area).AddComment(op.text);
    note.Shape.Width = op.size[0];
    note.Shape.Height = op.size[1];
    return true;
  },

  unnote(book, op) {
    cells(book.Worksheets.Item(op.sheet), op.area).Comment.Delete();
    return true;
  },

  /** Rows (else columns) put in before number `at`, looking like the one numbered `like`. */
  insert(book, op) {
    const sheet = book.Worksheets.Item(op.sheet);
    if (sheet.FilterMode) sheet.ShowAllData(); // rows that a filter hides would not be copied from
    const end = last(sheet);
    lines(sheet, op.rows, op.at, op.number).Insert(op.rows ? SHIFT.down : SHIFT.right, 0);
    const like = op.like + (op.like >= op.at ? op.number : 0);
    const source = cells(sheet, op.rows ? [like, 1, like, end[1]] : [1, like, end[0], like]);
    const until = op.at + op.number - 1;
    const target = cells(sheet, op.rows ? [op.at, 1, until, end[1]] : [1, op.at, end[0], until]);
    // What is inserted has the look of what stands above or to the left of it.
    if (!op.rows) {
      target.ColumnWidth = source.ColumnWidth;
      return true;
    }
    target.RowHeight = source.RowHeight;
    const kinds = op.like === op.at - 1 ? ["validation"] : ["validation", "formats"];
    for (const kind of kinds) {
      source.Copy();
      target.PasteSpecial(PASTE[kind]);
    }
    application().CutCopyMode = false;
    return true;
  },

  /** Whole rows (else columns) taken out, from `first` to `last`. */
  remove(book, op) {
    const sheet = book.Worksheets.Item(op.sheet);
    if (sheet.FilterMode) sheet.ShowAllData();
    const count = op.last - op.first + 1;
    lines(sheet, op.rows, op.first, count).Delete(op.rows ? SHIFT.up : SHIFT.left);
  },

  /** A formula into a cell; false, with nothing done, where it is part of an array formula. */
  formula(book, op) {
    const cell = cells(book.Worksheets.Item(op.sheet), op.area);
    if (op.array && cell.HasArray) return false;
    cell.Formula = op.text;
    return true;
  },

  refer(book, op) {
    book.Names.Item(op.name).RefersTo = op.text;
  },

  merge(book, op) {
    const target = cells(book.Worksheets.Item(op.sheet), op.area);
    if (op.on) target.Merge();
    else target.UnMerge();
  },

  show(book, op) {
    const sheet = book.Worksheets.Item(op.sheet);
    sheet.Activate();
    cells(sheet, op.area).Select();
  },

  /** A message; where it asks something, whether the answer is yes. */
  message(book, op) {
    const title = op.title + (op.alarm ? ALARM : "");
    if (op.asks) return confirm(title + "\n\n" + op.text);
    say(op.text, title);
    return true;
  },
};

// --- cells -------------------------------------------------------------------------------------

/** Every member of a collection, seen through a function. */
function each(collection, look) {
  const found = [];
  const count = collection.Count;
  for (let number = 1; number <= count; number++) found.push(look(collection.Item(number)));
  return found;
}

function letters(column) {
  let name = "";
  for (let rest = column; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    name = String.fromCharCode(65 + ((rest - 1) % 26)) + name;
  }
  return name;
}

/** A range by [top, left, bottom, right]. */
function cells(sheet, area) {
  const first = letters(area[1]) + area[0];
  const end = letters(area[3]) + area[2];
  return sheet.Range(first === end ? first : first + ":" + end);
}

/** Whole rows (else columns) by their numbers. */
function lines(sheet, rows, at, count) {
  const end = at + count - 1;
  return sheet.Range(rows ? at + ":" + end : letters(at) + ":" + letters(end));
}

/** What a range gives, as rows; a single cell gives itself. */
function rows(read) {
  return Array.isArray(read) ? read : [[read]];
}

/** The last row and column that are used. */
function last(sheet) {
  const used = sheet.UsedRange;
  return [used.Row + used.Rows.Count - 1, used.Column + used.Columns.Count - 1];
}

/**
 * What stands on a sheet from A1 to its last cell: rows of values (blank is null, an error {e}), and
 * [row, column, text] of every cell whose text begins with "=".
 */
function contents(sheet) {
  const end = last(sheet);
  const range = cells(sheet, [1, 1, end[0], end[1]]);
  const values = rows(range.Value2);
  const texts = rows(range.Formula);
  const formulas = [];
  const found = values.map((line, row) =>
    line.map((value, column) => {
      const text = texts[row][column];
      const formula = typeof text === "string" && text.charAt(0) === "=";
      if (formula) formulas.push([row + 1, column + 1, text]);
      if (value === undefined || value === null || (value === "" && !formula)) return null;
      return isFault(sheet, value, row + 1, column + 1) ? { e: value } : value;
    })
  );
  return { values: found, formulas: formulas };
}

/** Whether a value is an error, not a number or a text that looks like one. */
function isFault(sheet, value, row, column) {
  const number = typeof value === "number" && value >= FAULT_NUMBERS[0] && value <= FAULT_NUMBERS[1];
  const text = typeof value === "string" && FAULT_TEXT.test(value);
  if (!number && !text) return typeof value === "object";
  return !!application().WorksheetFunction.IsError(cells(sheet, [row, column, row, column]));
}

/** What people typed: results of formulas may change by themselves. */
function fingerprint(found) {
  const typed = found.values.map((line) => line.slice());
  for (const [row, column, text] of found.formulas) typed[row - 1][column - 1] = [text];
  return JSON.stringify(typed);
}

/** An area in parts that have one number format each; WPS tells null for several. */
function pieces(sheet, area) {
  const [top, left, bottom, right] = area;
  const look = cells(sheet, area).NumberFormat;
  if (look || (top === bottom && left === right)) return [[area, look || ""]];
  if (right > left) {
    const half = Math.floor((left + right) / 2);
    return pieces(sheet, [top, left, bottom, half]).concat(pieces(sheet, [top, half + 1, bottom, right]));
  }
  const half = Math.floor((top + bottom) / 2);
  return pieces(sheet, [top, left, half, right]).concat(pieces(sheet, [half + 1, left, bottom, right]));
}

/** The values of an area out of those of the area around it. */
function part(values, around, area) {
  return values
    .slice(area[0] - around[0], area[2] - around[0] + 1)
    .map((line) => line.slice(area[1] - around[1], area[3] - around[1] + 1));
}

/** Rows of a list that nothing has stood in yet take the formats of the last one that has its own. */
function copyFormats(sheet, area) {
  const [top, left, bottom, right] = area;
  const bare = (row) => cells(sheet, [row, left, row, right]).Borders.LineStyle === NO_LINE;
  if (top === bottom || !bare(bottom)) return;
  let low = top;
  for (let high = bottom; low < high; ) {
    const half = Math.floor((low + high) / 2);
    if (bare(half)) high = half;
    else low = half + 1;
  }
  if (low > top) {
    const source = cells(sheet, [low - 1, left, low - 1, right]);
    source.AutoFill(cells(sheet, [low - 1, left, bottom, right]), FILL_FORMATS);
  }
}
