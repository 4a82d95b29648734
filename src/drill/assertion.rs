//! `%{ … }%`: the part of Python that scripts use to look at `struct tcp_info`: `assert`, `print`, and expressions of
//! names, numbers, comparisons (also in chains), `and`, `or`, `not`, arithmetic, bits, `abs`, `min`, `max`.

/// How code ended that did not end well.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Ended {
    /// An assertion that does not hold: its text, and the names in it with their values.
    False { expected: String, got: String },
    /// Something that is not understood.
    Unknown(String),
}

/// Runs code; `line` is that of its first character. Gives the line of what ended it.
pub(super) fn run(
    code: &str,
    line: u32,
    names: &dyn Fn(&str) -> Option<f64>,
) -> Result<(), (u32, Ended)> {
    let mut at = line;
    let mut statement = String::new();
    let mut begun = line;
    // A statement ends with its line or with ';', unless a backslash or a bracket holds it open.
    let mut chars = code.chars().peekable();
    let (mut depth, mut quote, mut comment) = (0, None, false);
    loop {
        let c = chars.next();
        let ends = match c {
            None => true,
            Some('\n') => {
                comment = false;
                at += 1;
                depth == 0
            }
            Some(';') => quote.is_none() && !comment,
            Some(_) => false,
        };
        if ends {
            statement_run(statement.trim(), names).map_err(|ended| (begun, ended))?;
            statement.clear();
            let Some(_) = c else { return Ok(()) };
            quote = None;
            continue;
        }
        let Some(c) = c else { return Ok(()) };
        if comment {
            continue;
        }
        if quote == Some(c) {
            quote = None;
        } else if quote.is_none() {
            match c {
                '\'' | '"' => quote = Some(c),
                '(' | '[' => depth += 1,
                ')' | ']' => depth -= 1,
                '#' => {
                    comment = true;
                    continue;
                }
                '\\' => {
                    while chars.peek().is_some_and(|c| *c != '\n') {
                        chars.next();
                    }
                    at += u32::from(chars.next().is_some());
                    statement.push(' ');
                    continue;
                }
                _ => {}
            }
        }
        if statement.trim().is_empty() {
            begun = at;
        }
        statement.push(c);
    }
}

fn statement_run(text: &str, names: &dyn Fn(&str) -> Option<f64>) -> Result<(), Ended> {
    if text.is_empty() || text.starts_with("print(") || text.starts_with("print ") {
        return Ok(());
    }
    let Some(rest) = text
        .strip_prefix("assert")
        .filter(|rest| rest.starts_with(|c: char| c.is_whitespace() || c == '('))
    else {
        let first = text.split_whitespace().next().unwrap_or_default();
        return Err(Ended::Unknown(format!("code that begins with {first}")));
    };
    let mut reader = Reader {
        rest,
        names,
        seen: Vec::new(),
        bad: None,
    };
    let holds = reader.or();
    reader.blank();
    if reader.bad.is_none() && !reader.rest.is_empty() && !reader.rest.starts_with(',') {
        reader.bad = Some(format!("code: {}", reader.rest));
    }
    if let Some(bad) = reader.bad {
        return Err(Ended::Unknown(bad));
    }
    if holds != 0.0 {
        return Ok(());
    }
    let condition = &rest[..rest.len() - reader.rest.len()];
    let values: Vec<String> = reader
        .seen
        .iter()
        .map(|(name, value)| format!("{name} = {value}"))
        .collect();
    Err(Ended::False {
        expected: condition.split_whitespace().collect::<Vec<_>>().join(" "),
        got: values.join(", "),
    })
}

struct Reader<'a> {
    rest: &'a str,
    names: &'a dyn Fn(&str) -> Option<f64>,
    /// The names that were looked up.
    seen: Vec<(String, f64)>,
    /// What was not understood first.
    bad: Option<String>,
}

/// Binary operators by how they bind, the loosest first; a longer one comes before its beginning.
const LEVELS: [&[&str]; 6] = [
    &["|"],
    &["^"],
    &["&"],
    &["<<", ">>"],
    &["+", "-"],
    &["*", "//", "/", "%"],
];

impl Reader<'_> {
    fn blank(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn fail(&mut self, what: String) -> f64 {
        self.bad.get_or_insert(what);
        0.0
    }

    /// Takes a word, if just it comes next.
    fn keyword(&mut self, word: &str) -> bool {
        self.blank();
        let Some(after) = self.rest.strip_prefix(word) else {
            return false;
        };
        let ends = !after.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        if ends {
            self.rest = after;
        }
        ends
    }

    fn symbol(&mut self, symbol: &str) -> bool {
        self.blank();
        let found = self.rest.strip_prefix(symbol);
        self.rest = found.unwrap_or(self.rest);
        found.is_some()
    }

    fn or(&mut self) -> f64 {
        let mut value = self.and();
        while self.keyword("or") {
            let right = self.and();
            value = if value != 0.0 { value } else { right };
        }
        value
    }

    fn and(&mut self) -> f64 {
        let mut value = self.not();
        while self.keyword("and") {
            let right = self.not();
            value = if value == 0.0 { value } else { right };
        }
        value
    }

    fn not(&mut self) -> f64 {
        if self.keyword("not") {
            truth(self.not() == 0.0)
        } else {
            self.comparison()
        }
    }

    /// `a < b <= c` means both.
    fn comparison(&mut self) -> f64 {
        let mut left = self.binary(0);
        let mut all = None;
        while let Some(operator) = ["==", "!=", "<=", ">=", "<", ">"]
            .into_iter()
            .find(|operator| self.symbol(operator))
        {
            let right = self.binary(0);
            let holds = match operator {
                "==" => left == right,
                "!=" => left != right,
                "<=" => left <= right,
                ">=" => left >= right,
                "<" => left < right,
                _ => left > right,
            };
            all = Some(all.unwrap_or(true) && holds);
            left = right;
        }
        all.map_or(left, truth)
    }

    fn binary(&mut self, level: usize) -> f64 {
        let Some(operators) = LEVELS.get(level) else {
            return self.unary();
        };
        let mut left = self.binary(level + 1);
        while let Some(operator) = operators.iter().find(|operator| self.symbol(operator)) {
            let right = self.binary(level + 1);
            let (a, b) = (left as i64, right as i64);
            left = match *operator {
                "+" => left + right,
                "-" => left - right,
                "*" => left * right,
                "/" | "//" | "%" if right == 0.0 => self.fail("a division by zero".to_owned()),
                "/" => left / right,
                "//" => (left / right).floor(),
                "%" => left - right * (left / right).floor(),
                "|" => (a | b) as f64,
                "^" => (a ^ b) as f64,
                "&" => (a & b) as f64,
                "<<" => a.checked_shl(b as u32).unwrap_or(0) as f64,
                _ => a.checked_shr(b as u32).unwrap_or(0) as f64,
            };
        }
        left
    }

    fn unary(&mut self) -> f64 {
        if self.symbol("-") {
            -self.unary()
        } else if self.symbol("~") {
            !(self.unary() as i64) as f64
        } else {
            self.atom()
        }
    }

    fn atom(&mut self) -> f64 {
        if self.symbol("(") {
            let value = self.or();
            if !self.symbol(")") {
                return self.fail("code without ')'".to_owned());
            }
            return value;
        }
        let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
        let end = self.rest.find(|c| !word(c)).unwrap_or(self.rest.len());
        let (text, rest) = self.rest.split_at(end);
        if text.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            self.rest = rest;
            let number = match text.strip_prefix("0x") {
                Some(hex) => u64::from_str_radix(hex, 16).ok().map(|n| n as f64),
                None => text.parse().ok(),
            };
            return match number {
                Some(number) => number,
                None => self.fail(format!("the number {text}")),
            };
        }
        if text.is_empty() {
            return self.fail(format!("code: {}", self.rest));
        }
        let text = text.to_owned();
        self.rest = rest;
        if self.symbol("(") {
            return self.function(&text);
        }
        let known = match text.as_str() {
            "True" => return 1.0,
            "False" => return 0.0,
            name => (self.names)(name),
        };
        match known {
            Some(value) => {
                if !self.seen.iter().any(|(seen, _)| *seen == text) {
                    self.seen.push((text, value));
                }
                value
            }
            None => self.fail(format!("the name {text}")),
        }
    }

    fn function(&mut self, name: &str) -> f64 {
        let mut values = vec![self.or()];
        while self.symbol(",") {
            values.push(self.or());
        }
        if !self.symbol(")") {
            return self.fail("code without ')'".to_owned());
        }
        let values = values.into_iter();
        match name {
            "abs" => values.sum::<f64>().abs(),
            "int" => values.sum::<f64>().trunc(),
            "min" => values.fold(f64::INFINITY, f64::min),
            "max" => values.fold(f64::NEG_INFINITY, f64::max),
            _ => self.fail(format!("the function {name}")),
        }
    }
}

fn truth(holds: bool) -> f64 {
    if holds { 1.0 } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(code: &str) -> Result<(), (u32, Ended)> {
        run(code, 1, &|name| match name {
            "tcpi_rtt" => Some(10_500.0),
            "tcpi_options" => Some(7.0),
            "TCP_ESTABLISHED" => Some(1.0),
            _ => None,
        })
    }

    #[test]
    fn chains_bits_functions_and_messages() {
        assert_eq!(
            holds("assert 9000 <= tcpi_rtt <= 11000, 'rtt %d' % tcpi_rtt"),
            Ok(())
        );
        assert_eq!(
            holds("assert (tcpi_options & 4) != 0 and not tcpi_options == 3"),
            Ok(())
        );
        assert_eq!(
            holds("assert abs(tcpi_rtt - 10000) < 1000; \\\n assert min(3, 2) == 2"),
            Ok(())
        );
        assert_eq!(
            holds("assert 7 // 2 == 3 and -7 % 3 == 2 and 1 << 4 == 16"),
            Ok(())
        );
    }

    #[test]
    fn a_false_one_says_what_it_saw_and_where() {
        let expected = Ended::False {
            expected: "tcpi_rtt < 100".into(),
            got: "tcpi_rtt = 10500".into(),
        };
        let code = "assert TCP_ESTABLISHED == 1 # yes\nassert tcpi_rtt < 100, tcpi_rtt";
        assert_eq!(holds(code), Err((2, expected)));
    }

    #[test]
    fn what_is_not_understood_is_not_guessed() {
        for code in [
            "if tcpi_rtt: pass",
            "assert tcpi_what == 1",
            "assert f(1)",
            "assert 1 +",
        ] {
            let Err((1, Ended::Unknown(_))) = holds(code) else {
                panic!("{code}");
            };
        }
    }
}
