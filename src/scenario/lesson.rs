//! The lesson of a scenario: what to watch, a question to predict, what it means.

/// The same in every language. A folder of one's own may lack one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InLanguages<T> {
    /// In English.
    pub en: T,
    /// In Korean.
    pub ko: T,
}

/// A lesson in one language. Texts may hold `code` and **bold**.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lesson {
    /// Its title.
    pub title: String,
    /// What it is about, in a sentence or two: the list of situations shows it.
    pub summary: String,
    /// Its parts, in order.
    pub sections: Vec<Section>,
}

/// A part of a lesson.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// Its heading.
    pub title: String,
    /// Hidden until it is asked for: the answer to what stands before it.
    pub hidden: bool,
    /// What it says.
    pub blocks: Vec<Block>,
}

/// A block of text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// What it is.
    pub kind: BlockKind,
    /// The items of a list; one text of anything else.
    pub texts: Vec<String>,
}

/// What a block is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BlockKind {
    /// A paragraph.
    #[default]
    Paragraph,
    /// A list.
    List,
    /// Lines of code, as they are.
    Code,
}

impl Lesson {
    /// Whether both have the same parts: the same number of sections, the same of them hidden, the same kinds of
    /// blocks, lists of the same length.
    pub fn same_structure(&self, other: &Lesson) -> bool {
        let shape = |section: &Section| {
            let blocks = section.blocks.iter();
            let blocks: Vec<_> = blocks.map(|b| (b.kind, b.texts.len())).collect();
            (section.hidden, blocks)
        };
        self.sections
            .iter()
            .map(shape)
            .eq(other.sections.iter().map(shape))
    }
}
