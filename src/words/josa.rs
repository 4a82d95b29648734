//! Korean particles: which of 은/는, 이/가, 을/를, 과/와, 으로/로 depends on how the word before
//! them ends when it is read aloud.

/// How a word ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// A vowel.
    Open,
    /// A final consonant other than ㄹ.
    Closed,
    /// A final ㄹ, after which 로 stands and not 으로.
    Rieul,
}

/// The particle of the pair named by its form after a consonant (`은`, `이`, `을`, `과`, `으`) that
/// fits what `text` ends with. Closing markup and parentheses are passed over: `소켓(fd 3)` is read
/// as 소켓.
pub(super) fn pick(text: &str, pair: &str) -> &'static str {
    let end = end_of(text);
    let open = end == End::Open;
    match pair {
        "은" if open => "는",
        "은" => "은",
        "이" if open => "가",
        "이" => "이",
        "을" if open => "를",
        "을" => "을",
        "과" if open => "와",
        "과" => "과",
        "으" if end == End::Closed => "으로",
        "으" => "로",
        _ => "",
    }
}

fn end_of(text: &str) -> End {
    let mut text = text.trim_end_matches(['*', '`', '"', '\'', ' ']);
    // `소켓(fd 3)`, `accept()`: what stands before the parentheses is what is read.
    while let Some(inner) = text.strip_suffix(')') {
        match opening(inner) {
            Some(at) if at > 0 => text = text[..at].trim_end_matches(['*', ' ']),
            _ => text = inner,
        }
    }
    let Some(last) = text.chars().next_back() else {
        return End::Open;
    };
    match last {
        '0' | '3' | '6' => End::Closed,
        '1' | '7' | '8' => End::Rieul,
        '가'..='힣' => match (last as u32 - '가' as u32) % 28 {
            0 => End::Open,
            8 => End::Rieul,
            _ => End::Closed,
        },
        c if c.is_ascii_alphabetic() => latin(text),
        _ => End::Open,
    }
}

/// Where the parenthesis opens that is still open at the end.
fn opening(inner: &str) -> Option<usize> {
    let mut depth = 0;
    inner.rmatch_indices(['(', ')']).find_map(|(at, bracket)| {
        depth += if bracket == "(" { 1 } else { -1 };
        (depth == 1).then_some(at)
    })
}

/// Latin letters: capitals are read letter by letter (`RST`) or as a word (`LISTEN`), others as a
/// word. A guess by the spelling, right for the words that occur here and for most others.
fn latin(text: &str) -> End {
    let start = text
        .rfind(|c: char| !c.is_ascii_alphabetic())
        .map_or(0, |at| {
            at + text[at..].chars().next().map_or(1, char::len_utf8)
        });
    let word = &text[start..];
    let spelled = word.len() == 1 || word.chars().all(|c| c.is_ascii_uppercase());
    let word = word.to_ascii_lowercase();
    let vowel = |back: usize| {
        word.len() > back && b"aeiouy".contains(&word.as_bytes()[word.len() - 1 - back])
    };
    let ends = |s: &str| word.ends_with(s);
    match word.as_bytes()[word.len() - 1] {
        b'l' => End::Rieul,
        b'r' if spelled => End::Rieul,
        b'm' | b'n' => End::Closed,
        b'g' if ends("ng") => End::Closed,
        // 파일, 테이블, 네임, 라인: the e is silent.
        b'e' if ends("le") && !spelled => End::Rieul,
        b'e' if (ends("me") || ends("ne")) && vowel(2) && !spelled => End::Closed,
        b'p' if ends("group") => End::Closed,
        // 소켓, 맵 after one short vowel; 포트, 루프, 웨이트 otherwise.
        b't' | b'p' | b'b' if vowel(1) && !vowel(2) && !spelled => End::Closed,
        _ => End::Open,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pair: &str, words: &[&str], expected: &str) {
        for word in words {
            assert_eq!(pick(word, pair), expected, "{word}");
        }
    }

    #[test]
    fn digits_follow_their_sino_korean_reading() {
        check("은", &["0", "1", "3", "6", "7", "8", "10", "12340"], "은");
        check("은", &["2", "4", "5", "9", "12345", "60999"], "는");
        check("으", &["3", "0", "40000"], "으로");
        check("으", &["1", "7", "8", "2", "5"], "로");
    }

    #[test]
    fn hangul_follows_its_last_consonant() {
        check("이", &["소켓", "연결", "응답"], "이");
        check("이", &["포트", "서버", "큐"], "가");
        check("으", &["연결", "주소"], "로");
        check("으", &["소켓"], "으로");
        check("과", &["소켓"], "과");
        check("과", &["포트"], "와");
    }

    #[test]
    fn latin_words_are_read_as_koreans_read_them() {
        check(
            "을",
            &["socket", "SYN", "FIN", "LISTEN", "CLOSING", "poll"],
            "을",
        );
        check(
            "을",
            &[
                "EINVAL",
                "EAGAIN",
                "exit_group()",
                "main",
                "file",
                "name",
                "web",
            ],
            "을",
        );
        check("를", &["x"], "");
        check(
            "은",
            &["server", "client", "accept", "connect", "port"],
            "는",
        );
        check(
            "은",
            &["RST", "ACK", "ESTABLISHED", "TIME-WAIT", "echo"],
            "는",
        );
        check("은", &["FIN-WAIT-1"], "은");
        check("은", &["FIN-WAIT-2"], "는");
        check("으", &["EPIPE", "CLOSED", "shell"], "로");
    }

    #[test]
    fn markup_and_parentheses_are_passed_over() {
        check("이", &["**server**", "accept()", "**connect()**"], "가");
        check("이", &["소켓(fd 2)", "client의 소켓(127.0.0.1:2)"], "이");
        check("이", &["소켓(0.0.0.0:12345 (LISTEN))"], "이");
        check("이", &["", "()", ")"], "가");
    }
}
