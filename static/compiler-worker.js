// What the page starts as a worker: it starts the compiler (src/compiler.rs).
importScripts("./compiler.js");
wasm_bindgen({ module_or_path: "./compiler_bg.wasm" });
