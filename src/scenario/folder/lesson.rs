//! Reads a lesson.

use crate::program::{Diagnostic, SourceFile, Span};
use crate::scenario::lesson::{Block, BlockKind, Lesson, Section};

/// No picture and no link stands in a lesson.
const LINKS: &str = "a lesson has no links and no pictures";

/// Reads `lesson.LANG.md`, the file of that index; the problems go to the list.
pub(super) fn read(index: u32, file: &SourceFile, problems: &mut Vec<Diagnostic>) -> Lesson {
    let mut reader = Reader {
        index,
        lesson: Lesson::default(),
        begun: None,
        problems,
    };
    let mut code: Option<(Span, String)> = None;
    let mut from = 0;
    for line in file.text.split_inclusive('\n') {
        let span = Span::new(index, from, from + line.trim_end().len().max(1) as u32);
        from += line.len() as u32;
        let line = line.trim_end();
        match &mut code {
            Some((_, text)) if line == "```" => {
                let text = std::mem::take(text);
                reader.block(BlockKind::Code, text, span);
                code = None;
            }
            Some((_, text)) => {
                text.push_str(if text.is_empty() { "" } else { "\n" });
                text.push_str(line);
            }
            None if line.starts_with("```") => {
                reader.end();
                code = Some((span, String::new()));
            }
            None => reader.line(line, span),
        }
    }
    reader.end();
    if let Some((span, _)) = code {
        reader.wrong(span, "this block of code is not closed with ```");
    }
    let lesson = reader.lesson;
    let start = Span::new(index, 0, 1);
    if lesson.title.is_empty() {
        let problem = Diagnostic::error(start, "a lesson begins with its title: `# Title`");
        problems.push(problem);
    } else if lesson.summary.is_empty() {
        let what = "behind the title stands a paragraph that says what the lesson is about";
        problems.push(Diagnostic::error(start, what));
    }
    lesson
}

struct Reader<'a> {
    index: u32,
    lesson: Lesson,
    /// A paragraph or list that may go on in the next line.
    begun: Option<(BlockKind, String, Span)>,
    problems: &'a mut Vec<Diagnostic>,
}

impl Reader<'_> {
    fn wrong(&mut self, span: Span, what: &str) {
        self.problems.push(Diagnostic::error(span, what));
    }

    fn line(&mut self, line: &str, span: Span) {
        let level = line.bytes().take_while(|b| *b == b'#').count();
        if line.is_empty() {
            self.end();
        } else if level > 0 {
            self.end();
            self.heading(level, line[level..].trim(), span);
        } else if let Some(item) = line.strip_prefix("- ") {
            self.end();
            self.begun = Some((BlockKind::List, item.trim().to_owned(), span));
        } else if let Some((_, text, _)) = &mut self.begun {
            text.push(' ');
            text.push_str(line.trim());
        } else {
            let paragraph = line.trim().to_owned();
            self.begun = Some((BlockKind::Paragraph, paragraph, span));
        }
    }

    fn heading(&mut self, level: usize, title: &str, span: Span) {
        let first = self.lesson.title.is_empty();
        match level {
            _ if title.is_empty() => self.wrong(span, "a heading without words"),
            1 if first => self.lesson.title = title.to_owned(),
            1 => self.wrong(span, "a lesson has one title; its parts begin with `## `"),
            2 | 3 if first => self.wrong(span, "the title comes first: `# Title`"),
            3 if self.lesson.sections.is_empty() => {
                self.wrong(span, "an answer stands below a part that begins with `## `");
            }
            2 | 3 => self.lesson.sections.push(Section {
                title: title.to_owned(),
                hidden: level == 3,
                blocks: Vec::new(),
            }),
            _ => self.wrong(span, "headings have one, two or three signs `#`"),
        }
    }

    /// The paragraph or list item that has begun is at its end.
    fn end(&mut self) {
        if let Some((kind, text, span)) = self.begun.take() {
            if text.contains("](") {
                self.wrong(span, LINKS);
            }
            if text.matches('`').count() % 2 == 1 || text.matches("**").count() % 2 == 1 {
                self.wrong(span, "a mark (` or **) is not closed in this block");
            }
            self.block(kind, text, span);
        }
    }

    fn block(&mut self, kind: BlockKind, text: String, span: Span) {
        debug_assert_eq!(span.file, self.index);
        let Some(section) = self.lesson.sections.last_mut() else {
            if kind == BlockKind::Paragraph && self.lesson.summary.is_empty() {
                self.lesson.summary = text;
            } else {
                self.wrong(span, "before the first `## ` stands one paragraph alone");
            }
            return;
        };
        match section.blocks.last_mut() {
            Some(list) if kind == BlockKind::List && list.kind == kind => list.texts.push(text),
            _ => section.blocks.push(Block {
                kind,
                texts: vec![text],
            }),
        }
    }
}
