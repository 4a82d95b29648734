//! The Winsock card: what a call, or an error, is called there, and what differs. It stands in
//! `static/words/winsock.txt`, which the page fetches when the card is opened.

/// A row of the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    /// On Linux: `send(), sendto()`, `ECONNREFUSED`; a dash if there is nothing like it.
    pub linux: &'a str,
    /// With Winsock.
    pub winsock: &'a str,
    /// What differs, in English.
    pub en: &'a str,
    /// In Korean.
    pub ko: &'a str,
}

/// The rows about calls, then those about errors.
///
/// ```
/// use sockscope::words::winsock;
/// let [calls, errors] = winsock::tables("[calls]\nclose()\tclosesocket()\tA.\tB.\n[errors]\nEINTR\tWSAEINTR (10004)\t\t\n");
/// assert_eq!((calls[0].winsock, calls[0].ko), ("closesocket()", "B."));
/// assert_eq!(errors[0].linux, "EINTR");
/// ```
pub fn tables(card: &str) -> [Vec<Row<'_>>; 2] {
    let mut tables = [Vec::new(), Vec::new()];
    let mut at = 0;
    for line in card.lines() {
        let mut fields = line.split('\t');
        let mut next = || fields.next().unwrap_or_default();
        let row = Row {
            linux: next(),
            winsock: next(),
            en: next(),
            ko: next(),
        };
        if row.linux == "[errors]" {
            at = 1;
        } else if !row.winsock.is_empty() {
            tables[at].push(row);
        }
    }
    tables
}

impl Row<'_> {
    /// Whether the row is about the call of a line of strace, or about its error. A row that names constants is only
    /// about calls with all of them.
    ///
    /// ```
    /// # use sockscope::words::winsock::Row;
    /// let about = |linux| Row { linux, winsock: "", en: "", ko: "" };
    /// let line = "setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = -1 ENOTSOCK (not a socket)";
    /// assert!(about("getsockopt(), setsockopt()").is_about(line));
    /// assert!(about("setsockopt(SO_REUSEADDR)").is_about(line));
    /// assert!(about("ENOTSOCK").is_about(line));
    /// assert!(!about("setsockopt(SO_LINGER)").is_about(line));
    /// assert!(!about("socket()").is_about(line));
    /// ```
    pub fn is_about(&self, line: &str) -> bool {
        let call = line.split('(').next().unwrap_or_default();
        if call.is_empty() {
            return false;
        }
        let result = line.rsplit_once('=').map(|(_, result)| result);
        let failed = result.and_then(|result| result.strip_prefix(" -1 "));
        if failed.and_then(|error| error.split(' ').next()) == Some(self.linux) {
            return true;
        }
        let without_number = call.trim_end_matches(|c: char| c.is_ascii_digit());
        self.names(call, line) || self.names(without_number, line)
    }

    fn names(&self, call: &str, line: &str) -> bool {
        let mut calls = self.linux.match_indices(call);
        calls.any(|(at, _)| {
            let (before, after) = (&self.linux[..at], &self.linux[at + call.len()..]);
            let Some(arguments) = after.strip_prefix('(') else {
                return false;
            };
            let arguments = arguments.split(')').next().unwrap_or_default();
            let constant = |word: &&str| word.starts_with(|c: char| c.is_ascii_uppercase());
            let mut constants = arguments.split([',', ' ', '|']).filter(constant);
            !before.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
                && constants.all(|word| line.contains(word))
        })
    }
}
