//! The line of an `#if`, and what only it knows (C11 6.10.1).

use super::*;
use crate::program::c::token::P;

impl Preprocessor<'_> {
    pub(super) fn condition(&mut self, name: Token, line: &[Token]) -> bool {
        self.in_condition = true;
        let problems = self.problems.len();
        let tokens = self.expand_list(line);
        self.in_condition = false;
        if self.problems.len() > problems {
            return false;
        }
        match expression::evaluate(&tokens, self.names, name.span) {
            Ok(value) => value,
            Err(problem) => {
                self.problems.push(*problem);
                false
            }
        }
    }

    /// `defined` and its like in the line of an `#if`: they read their operand before macros are
    /// expanded in it.
    pub(super) fn condition_word(&mut self, token: Token) -> Option<Token> {
        let word = self.names.shared(token.sym);
        let yes = match word.as_ref() {
            "defined" => self.defined_operand(token),
            "__has_include" | "__has_include_next" => self.has_include(token),
            // What is harmless to ignore is ignored; a program that asks has another way.
            "__has_attribute" | "__has_c_attribute" | "__has_builtin" => {
                self.operand_in_parentheses();
                false
            }
            _ => return None,
        };
        Some(Token {
            kind: Tok::Num,
            sym: self.names.sym(if yes { "1" } else { "0" }),
            ..token
        })
    }

    pub(super) fn defined_operand(&mut self, token: Token) -> bool {
        let mut target = self.next();
        let paren = target.is(P::LParen);
        if paren {
            target = self.next();
        }
        let named = target.kind == Tok::Ident;
        if !named || (paren && !self.next().is(P::RParen)) {
            self.error(token.span, "`defined` needs the name of a macro");
            return false;
        }
        self.is_defined(target.sym)
    }

    /// What stands in the parentheses that follow.
    pub(super) fn operand_in_parentheses(&mut self) -> Vec<Token> {
        let (mut inside, mut depth) = (Vec::new(), 0u32);
        loop {
            let token = self.next();
            match token.kind {
                Tok::Eof => return inside,
                Tok::P(P::LParen) => depth += 1,
                Tok::P(P::RParen) => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return inside;
            }
            inside.push(token);
        }
    }

    pub(super) fn has_include(&mut self, token: Token) -> bool {
        let inside = self.operand_in_parentheses();
        match inside.get(1..).and_then(|line| self.header_name(line)) {
            Some((system, wanted)) => {
                (!system && self.own_file(&wanted).is_some()) || headers::text(&wanted).is_some()
            }
            None => {
                self.error(token.span, "__has_include needs <header> or \"file\"");
                false
            }
        }
    }

    /// `<header>` or `"file"`: whether the former, and the name.
    pub(super) fn header_name(&self, line: &[Token]) -> Option<(bool, String)> {
        match line.first()?.kind {
            Tok::Str => {
                let text = self.names.name(line[0].sym);
                Some((false, text.trim_matches('"').to_owned()))
            }
            Tok::P(P::Lt) => {
                let parts: Vec<&str> = line[1..]
                    .iter()
                    .take_while(|t| !t.is(P::Gt))
                    .map(|t| self.names.name(t.sym))
                    .collect();
                Some((true, parts.concat()))
            }
            _ => None,
        }
    }
}
