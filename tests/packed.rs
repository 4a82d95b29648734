//! Scenarios as the page gets them: `static/scenarios/NAME/packed`.

#[allow(dead_code)] // It uses a part of it.
mod library;

use sockscope::program::SourceFile;
use sockscope::program::c::{self, Options};
use sockscope::scenario::record::hold;
use sockscope::scenario::{Built, Packed, ProgramSource, Scenario, read, simulate, write};
use sockscope::session::Session;
use std::path::Path;

/// Compares a file with what it should be, or writes it (`./dev pack`).
fn is_or_becomes(path: &Path, bytes: &[u8]) {
    if std::env::var_os("SOCKSCOPE_PACK").is_some() {
        std::fs::write(path, bytes).expect("the checkout can be written");
    }
    let there = std::fs::read(path).unwrap_or_default();
    let path = path.display();
    assert!(there == bytes, "{path}: out of date; run ./dev pack");
}

#[test]
fn what_is_packed_is_what_the_sources_give() {
    for name in library::names() {
        let mut scenario = library::scenario(&name);
        // The marks of one that is not compared live.
        if let Some(record) = scenario.record.as_ref().filter(|record| record.is_run()) {
            let compiled = scenario.compile().expect("it compiles");
            let (_, tracks) = simulate::tracks(&scenario, &compiled);
            scenario.recorded = Some(hold(record, &tracks).0);
        }
        let bytes = Packed::of(scenario).expect("it compiles").to_bytes();
        is_or_becomes(&library::root().join(name).join("packed"), &bytes);
    }
}

/// The list of situations for the page: a line for each group (English, Korean) and each scenario (its name, both
/// titles, both summaries), with a tab between what belongs to a line.
#[test]
fn the_index_lists_the_library() {
    let mut index = String::new();
    for group in library::listed() {
        index.push_str(&format!("{}\t{}\n", group.en, group.ko));
        for name in group.names {
            let lesson = library::scenario(&name).lesson;
            let (en, ko) = (lesson.en.unwrap_or_default(), lesson.ko.unwrap_or_default());
            let fields = [name, en.title, ko.title, en.summary, ko.summary];
            assert!(!fields.iter().any(|field| field.contains('\t')));
            index.push_str(&format!("{}\n", fields.join("\t")));
        }
    }
    is_or_becomes(&library::root().join("index"), index.as_bytes());
}

#[test]
fn a_packed_scenario_runs_as_its_sources_do() {
    let scenario = Scenario::builtin("first-life").expect("it comes with Sockscope");
    let mut compiled = Session::open(&scenario).expect("it compiles");
    let bytes = Packed::of(scenario).expect("it compiles").to_bytes();
    let (scenario, images) = Packed::from_bytes(&bytes).expect("just written").open();
    let mut unpacked = Session::of(&scenario, &images);
    while compiled.advance(100_000) {}
    while unpacked.advance(100_000) {}
    assert!(compiled.log().len() > 50);
    assert_eq!(compiled.trace_hash(), unpacked.trace_hash());
}

#[test]
fn what_another_version_wrote_is_refused() {
    let scenario = Scenario::builtin("first-life").expect("it comes with Sockscope");
    let mut bytes = Packed::of(scenario).expect("it compiles").to_bytes();
    bytes[0] ^= 1;
    assert!(Packed::from_bytes(&bytes).is_none());
    assert!(Packed::from_bytes(&[]).is_none());
}

/// Data of every kind, and floats, calls and jumps: whatever an image holds, it takes to print the same.
#[test]
fn an_image_that_was_sent_is_the_same_program() {
    let file = |text| vec![SourceFile::new("a.c", text)];
    let basics = file(include_str!("programs/basics.c"));
    let wrong = file("int main(void) { x; }");
    let built: Built = [&basics, &wrong]
        .map(|files| c::compile(files, &Options::default()))
        .into();
    let bytes = write(&built);
    let mut again: Built = read(&bytes).expect("just written");
    assert!(write(&again) == bytes);
    assert_eq!(built[1].as_ref().err(), again[1].as_ref().err());

    let scenario = Scenario {
        programs: vec![ProgramSource {
            files: basics,
            ..ProgramSource::default()
        }],
        ..Scenario::default()
    };
    let images = vec![again.swap_remove(0).expect("it compiles")];
    let mut sent = Session::of(&scenario, &images.into());
    let mut compiled = Session::open(&scenario).expect("it compiles");
    while sent.advance(100_000) {}
    while compiled.advance(100_000) {}
    assert!(compiled.log().len() > 5);
    assert_eq!(sent.trace_hash(), compiled.trace_hash());
}
