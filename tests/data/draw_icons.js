// Draw macros/icons/*.svg: node draw_icons.js FOLDER SIZE...  Writes NAME-SIZE.png beside each.
const fs = require("fs");
const path = require("path");
const { Resvg } = require("@resvg/resvg-js");

const [folder, ...sizes] = process.argv.slice(2);
for (const name of fs.readdirSync(folder).filter((each) => each.endsWith(".svg"))) {
  const svg = fs.readFileSync(path.join(folder, name));
  for (const size of sizes) {
    const drawn = new Resvg(svg, { fitTo: { mode: "width", value: Number(size) } }).render();
    fs.writeFileSync(path.join(folder, name.replace(/\.svg$/, `-${size}.png`)), drawn.asPng());
  }
}
