// Statements and functions of the generator.

impl Generator {
    fn depth(&mut self) -> usize {
        1 + self.dice.below(4)
    }

    fn declare(&mut self) {
        let ty = self.any_type();
        let depth = self.depth();
        let e = self.full(ty, depth);
        let name = self.fresh("v");
        self.line(&format!("{} {name} = {e};", ty.name));
        if self.dice.one_in(4) {
            // A second name for it: it lives in memory then.
            let alias = self.fresh("p");
            self.line(&format!("{} *{alias} = &{name};", ty.name));
            self.vars.push(Var {
                name: format!("(*{alias})"),
                ty,
            });
            return;
        }
        self.vars.push(Var { name, ty });
    }

    fn assign(&mut self) {
        self.begin();
        let (to, ty) = self.object(1);
        self.taken.push(to.clone());
        let plain = to.starts_with(['v', '(', 'g']) && !to.contains('&');
        let depth = self.depth();
        if !plain {
            let e = self.pure(ty, depth);
            return self.line(&format!("{to} = {e};"));
        }
        match self.dice.below(4) {
            0 if !ty.float => {
                let op = *self.dice.pick(&["+=", "-=", "*=", "&=", "|=", "^="]);
                let e = self.pure(LONG, depth);
                let e = format!("(long)({e})");
                self.line(&format!("{to} {op} {e};"));
            }
            1 if !ty.float => {
                let op = *self.dice.pick(&["/=", "%=", "<<=", ">>="]);
                let e = self.pure(INT, depth);
                let mask = if op == "/=" || op == "%=" {
                    format!("((({e}) & 31) + 1)")
                } else {
                    format!("(({e}) & {})", if ty.bits == 64 { 63 } else { 31 })
                };
                self.line(&format!("{to} {op} {mask};"));
            }
            2 if ty.float => {
                let op = *self.dice.pick(&["+=", "-=", "*="]);
                let e = self.pure(DOUBLE, depth);
                self.line(&format!("{to} {op} {e}; {to} = fin({to});"));
            }
            _ => {
                let e = self.pure(ty, depth);
                self.line(&format!("{to} = {e};"));
            }
        }
    }

    /// An expression beside an object that is written: it calls nothing that could touch the object.
    fn pure(&mut self, ty: Ty, depth: usize) -> String {
        self.expression(ty, depth)
    }

    fn body(&mut self, depth: usize) {
        let (vars, n) = (self.vars.len(), 1 + self.dice.below(3));
        self.indent += 1;
        for _ in 0..n {
            self.statement(depth);
        }
        self.indent -= 1;
        self.vars.truncate(vars);
    }

    fn counted(&mut self) -> (String, usize) {
        (self.fresh("i"), 1 + self.dice.below(5))
    }

    fn statement(&mut self, depth: usize) {
        let kinds = if depth == 0 { 4 } else { 13 };
        match self.dice.below(kinds) {
            0 | 1 => self.assign(),
            2 => self.declare(),
            3 => self.print(),
            4 | 5 => {
                let c = self.full(INT, 3);
                self.line(&format!("if ({c}) {{"));
                self.body(depth - 1);
                if self.dice.one_in(2) {
                    self.line("} else {");
                    self.body(depth - 1);
                }
                self.line("}");
            }
            6 if self.loops < 2 => {
                let (i, n) = self.counted();
                self.line(&format!("for (int {i} = 0; {i} < {n}; {i}++) {{"));
                self.looped(depth, &i);
                self.line("}");
            }
            7 if self.loops < 2 => {
                let (i, n) = self.counted();
                self.line(&format!("{{ int {i} = {n}; do {{"));
                self.looped(depth, &i);
                self.line(&format!("}} while (--{i} > 0); }}"));
            }
            8 if self.loops < 2 => {
                let (i, n) = self.counted();
                self.line(&format!("{{ unsigned char {i} = {n}; while ({i}--) {{"));
                self.looped(depth, &i);
                self.line("} }");
            }
            9 => self.switch(depth),
            10 => self.array(depth),
            11 => self.structs(),
            _ => {
                self.line("{");
                self.declare();
                self.body(depth - 1);
                self.vars.pop();
                self.line("}");
            }
        }
    }

    fn looped(&mut self, depth: usize, i: &str) {
        self.loops += 1;
        self.vars.push(Var {
            name: format!("{i} + 0"),
            ty: INT,
        });
        // Read only.
        let last = self.vars.pop();
        self.body(depth - 1);
        if self.dice.one_in(3) {
            let word = *self.dice.pick(&["break", "continue"]);
            let c = self.full(INT, 2);
            self.line(&format!("  if ({c}) {word};"));
        }
        let e = self.full(LONG, 2);
        self.line(&format!("  trace += (unsigned long)(long)({e}) * {i};"));
        drop(last);
        self.loops -= 1;
    }

    fn switch(&mut self, depth: usize) {
        let of = self.full(INT, 3);
        let cast = *self.dice.pick(&["(int)", "(unsigned char)", "(long)", ""]);
        let of = match cast {
            "" => format!("({of}) != 0"),
            _ => format!("({cast}({of})) & 7"),
        };
        self.line(&format!("switch ({of}) {{"));
        let default = self.dice.below(4);
        for (i, case) in ["case 0:", "case 1: case 2:", "case 3 ... 5:", "case E5 + 1:"]
            .iter()
            .enumerate()
        {
            if i == default {
                self.line("default:");
            }
            self.line(&format!("{case} {{"));
            self.body(depth - 1);
            let leave = if self.dice.one_in(3) { "" } else { " break;" };
            self.line(&format!("}}{leave}"));
        }
        self.line("}");
    }

    /// An array of a length known only when it is made, or not; filled and summed.
    fn array(&mut self, depth: usize) {
        let (name, i) = (self.fresh("a"), self.fresh("i"));
        let ty = *self.dice.pick(&TYPES[..9]);
        let n = self.full(INT, 2);
        let length = match self.dice.one_in(2) {
            true => format!("(({n}) & 7) + 1"),
            false => "8".to_owned(),
        };
        let (size, at) = (self.fresh("n"), self.fresh("q"));
        let e = self.full(ty, depth.min(2));
        self.line(&format!("{{ const int {size} = {length}; {0} {name}[{size}][2], *{at} = {name}[0];", ty.name));
        self.line(&format!("  for (int {i} = 0; {i} < 2 * {size}; {i}++) *{at}++ = ({0})(({e}) + {i});", ty.name));
        self.line(&format!("  out(\"{name}\", sizeof {name} + {at}[-1] + {name}[{size} - 1][1] + ({at} - {name}[0]) + {name}[{size} / 2][0]);"));
        self.line("}");
    }

    fn structs(&mut self) {
        let name = self.fresh("s");
        self.begin();
        let (i, l, d) = (
            self.expression(INT, 2),
            self.expression(LONG, 2),
            self.expression(DOUBLE, 2),
        );
        match self.dice.below(4) {
            0 => {
                self.line(&format!("{{ struct s {name} = change(gs, {i}, {l}); gs.in[1] = {name}.in[0]; out(\"{name}\", {name}.l + {name}.f + {name}.u + {name}.w);"));
                self.line(&format!("  if ({name}.t) gs = {name}; }}"));
            }
            1 => {
                self.line(&format!("{{ struct s {name} = {{ .l = {l}, .in[1] = {{ {i} }}, .d = fin({d}) }}, *{name}p = &{name}; {name}p->in[0] = {name}p->in[1];"));
                self.line(&format!("  out(\"{name}\", {name}.in[0].a + {name}.c + (long){name}.l); outd(\"{name}\", {name}p->d); }}"));
            }
            2 => {
                self.line(&format!("{{ union n {name} = {{ .l = {l} }}; {name}.b[(({i}) & 7)] ^= 0x5a; out(\"{name}\", {name}.u); out(\"{name}\", {name}.l); }}"));
            }
            _ => {
                self.line(&format!("{{ struct p {name}[3] = {{ gp, {{ .i = {i} }}, [2].l = {l} }}; memcpy(&{name}[0], &{name}[2], sizeof *{name}); gp = {name}[1];"));
                self.line(&format!("  out(\"{name}\", {name}[0].l + {name}[1].i + {name}[0].s + (int)sizeof {name}); }}"));
            }
        }
    }

    fn print(&mut self) {
        let depth = self.depth();
        self.begin();
        self.calling = !self.functions.is_empty() && self.dice.one_in(3);
        let (e, ty) = self.any(depth);
        let what = self.fresh("x");
        match ty.float {
            true => self.line(&format!("outd(\"{what}\", {e});")),
            false => self.line(&format!("out(\"{what}\", {e});")),
        }
    }

    /// Functions that take and give structs, pointers and more arguments than there are registers for.
    fn struct_functions(&mut self) {
        let text = "static struct s change(struct s x, int i, long l) { x.i += i; x.u = i; x.f = l; x.l ^= l; x.w += l; x.t = !x.t; x.in[0].b[i & 1]++; return x; }
static long many(char a, short b, int c, long d, float e, double f, unsigned char g, unsigned h, long i, _Bool j) { return a + b * 2 + c * 3L + d * 4 + (long)cl(e) + (long)cl(f) + g * 5 + h * 6L + i * 7 + j; }
static int twice(int x) { return x * 2; }
static int negate(int x) { return -x; }
static int (*const table[2])(int) = { twice, negate };
static int apply(int (*f)(int), int x) { return f ? f(x) : x; }
static int rec(int n) { return (n & 15) ? 1 + rec((n & 15) - 1) : (int)(calls++ & 3); }
";
        self.out.push_str(text);
        for (name, params) in [
            ("apply", vec![]),
            (
                "many",
                vec![4usize, 7, 0, 2, 14, 13, 6, 1, 2, 11],
            ),
            ("rec", vec![0]),
        ] {
            if name == "apply" {
                continue;
            }
            self.functions.push(Function {
                name: name.to_owned(),
                result: if name == "many" { LONG } else { INT },
                params: params.iter().map(|i| TYPES[*i]).collect(),
            });
        }
    }

    fn function(&mut self, number: usize) {
        let result = self.any_type();
        let params: Vec<Ty> = (0..self.dice.below(4)).map(|_| self.any_type()).collect();
        let name = format!("f{number}");
        let list: Vec<String> = params
            .iter()
            .enumerate()
            .map(|(i, ty)| format!("{} v{number}_{i}", ty.name))
            .collect();
        let list = if list.is_empty() {
            "void".to_owned()
        } else {
            list.join(", ")
        };
        let _ = writeln!(self.out, "static {} {name}({list})\n{{", result.name);
        // Calls call calls: there is an end to it.
        self.line("if (calls++ > 300) return 1;");
        self.vars = params
            .iter()
            .enumerate()
            .map(|(i, ty)| Var {
                name: format!("v{number}_{i}"),
                ty: *ty,
            })
            .collect();
        for _ in 0..4 + self.dice.below(6) {
            self.statement(3);
        }
        let e = self.full(INT, 2);
        self.line(&format!("out(\"table\", apply(table[({e}) & 1], 21));"));
        let e = self.full(result, 3);
        self.line(&format!("return {e};"));
        self.out.push_str("}\n");
        self.vars.clear();
        self.functions.push(Function {
            name,
            result,
            params,
        });
    }

    fn main(&mut self) {
        self.out.push_str("int main(void)\n{\n");
        for _ in 0..8 {
            self.line("calls = 0;");
            self.print();
            self.assign();
        }
        self.line("for (int i = 0; i < 8; i++) out(\"ga\", ga[i]);");
        self.line("for (int i = 0; i < 4; i++) outd(\"gd\", gd[i]);");
        self.line("printf(\"%lu\\n\", trace);");
        self.line("return trace & 127;");
        self.out.push_str("}\n");
    }
}
