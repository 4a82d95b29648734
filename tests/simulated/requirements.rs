//! Every MUST of RFC 9293 has a test named after it, or stands here with the test that shows it or the reason why nothing can.

use std::fs;
use std::path::Path;

/// Requirements whose number is in the name of no test: the test that shows them, or why a simulator cannot. Files of
/// tests/drill are named without their ending.
const ELSEWHERE: &[(u32, &str)] = &[
    (2, "-: packets are typed values without a checksum"),
    (3, "-: packets are typed values without a checksum"),
    (4, "tests/drill/mss-option"),
    (6, "-: packets are typed values: no unknown option"),
    (7, "-: packets are typed values: no illegal length"),
    (9, "-: nobody sees the secret"),
    (23, "-: Linux differs (deviations)"),
    (30, "tests/drill/urgent"),
    (31, "-: Linux keeps one octet out of line"),
    (32, "poll_wakes_for_urgent_data_alone"),
    (33, "the_last_octet_sent_is_urgent_and_not_in_the_stream"),
    (38, "tests/drill/window-whole-segments"),
    (50, "-: packets have no IP options"),
    (51, "-: packets have no IP options"),
    (52, "-: packets have no IP options"),
    (53, "-: packets have no IP options"),
    (62, "tests/drill/urgent"),
    (64, "-: packets are typed values"),
    (68, "-: packets are typed values"),
    (69, "-: packets are typed values"),
];

/// Everything that tests are called: functions and scripts.
fn names_in(folder: &Path, names: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("a folder of tests").flatten() {
        let path = entry.path();
        if path.is_dir() {
            names_in(&path, names);
            continue;
        }
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        match path.extension().and_then(|e| e.to_str()) {
            Some("pkt") => {
                names.push(format!("tests/drill/{stem}"));
                names.push(stem.replace('-', "_"));
            }
            Some("rs") => {
                let text = fs::read_to_string(&path).expect("a source file");
                let functions = text
                    .lines()
                    .filter_map(|line| line.trim().strip_prefix("fn "));
                names.extend(
                    functions
                        .filter_map(|f| f.split('(').next())
                        .map(str::to_owned),
                );
            }
            _ => {}
        }
    }
}

/// `must_12_and_47_…` carries 12 and 47.
fn labels(name: &str) -> Vec<u32> {
    let Some(rest) = name.strip_prefix("must_") else {
        return Vec::new();
    };
    let words = rest.split('_').map(|word| (word, word.parse().ok()));
    let labels = words.take_while(|(word, number)| *word == "and" || number.is_some());
    labels.filter_map(|(_, number)| number).collect()
}

#[test]
fn every_must_has_a_test_or_a_reason() {
    let mut found = Vec::new();
    names_in(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("tests"),
        &mut found,
    );
    let mut shown: Vec<u32> = found.iter().flat_map(|name| labels(name)).collect();
    for (label, by) in ELSEWHERE {
        let reason = by.starts_with("-: ");
        assert!(
            reason || found.iter().any(|name| name == by),
            "MUST-{label}: no test {by}"
        );
        shown.push(*label);
    }
    let missing: Vec<u32> = (1..=69).filter(|label| !shown.contains(label)).collect();
    assert_eq!(missing, [0; 0]);
}
